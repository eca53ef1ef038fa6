import Bridge
import Foundation

/// The content of files that users shared. Needs `files:read`.
extension SlackAPI {
    /// What was read of a file.
    struct Download: Sendable, Hashable {
        let bytes: [UInt8]
        /// Whether these are all bytes of the file.
        let isWhole: Bool
    }

    /// The address and the other properties of a file (`files.info`). Throws ``SlackError``.
    func file(_ id: String) async throws -> SlackFile {
        let method = "files.info"
        guard let file = try await form(method, [("file", id)])["file"].flatMap(SlackFile.init) else {
            throw SlackError("bad_answer", method: method)
        }
        return file
    }

    private static let downloadTimeouts = HTTPClient.Timeouts(
        head: .seconds(15), idle: .seconds(15), total: .seconds(30))

    /// Reads a file from its beginning, and no more than `limit` bytes of it. Throws ``SlackError``: `untrusted_url`,
    /// `login_page` where Slack shows that to a token that may not read the file, `http_404` for one that is gone.
    func download(_ file: SlackFile, upTo limit: Int) async throws -> Download {
        let method = Self.downloading
        guard let url = file.url else { throw SlackError("bad_answer", method: method) }
        return try await paced(method, channel: nil) {
            do {
                let response = try await request(file: url, timeouts: Self.downloadTimeouts)
                try Self.check(response, of: file)
                var bytes: [UInt8] = []
                for try await chunk in response.body {
                    bytes += chunk
                    // The transfer is closed when the response is released.
                    if bytes.count > limit { return Download(bytes: Array(bytes.prefix(limit)), isWhole: false) }
                }
                return Download(bytes: bytes, isWhole: true)
            } catch let error as HTTPClient.Failure {
                throw SlackError(
                    "unreachable", method: method, detail: error.message, mayHaveHappened: !error.isConnectionFailure)
            }
        }
    }

    /// Slack has no error body here. A token without the scope or the right is redirected to the login page, or is sent
    /// that page in place of the file.
    private static func check(_ response: HTTPClient.Response, of file: SlackFile) throws {
        let isPage = response.headers["Content-Type"]?.lowercased().hasPrefix("text/html") == true
        switch response.status {
        case 200 where isPage && file.mimeType != "text/html": throw SlackError("login_page", method: downloading)
        case 200: return
        case 300..<400: throw SlackError("login_page", method: downloading)
        case 429: throw SlackError("ratelimited", method: downloading, retryAfter: retryAfter(response))
        default:
            throw SlackError(
                "http_\(response.status)", method: downloading, mayHaveHappened: response.status >= 500)
        }
    }

    /// Whether the token may be sent there: to hosts of Slack, or, when the API is on loopback, to the API's own.
    func isTrusted(fileURL url: String) -> Bool {
        guard Loopback.isLoopback(baseURL) else { return isTrusted(uploadURL: url) }
        guard let origin = URL(string: "/", relativeTo: URL(string: baseURL))?.absoluteString else { return false }
        return url.hasPrefix(origin)
    }
}
