import Bridge
import Foundation

/// Where the content of a file goes, and the file's id.
struct UploadAddress: Sendable, Hashable {
    /// Anyone who has the URL can upload, so that it is not logged.
    let url: Secret
    let file: String
}

/// A file is shared in three steps: ask for an address, post the content there, share the file (docs.slack.dev, Working
/// with files). Until the last one no user sees anything, and Slack discards the file by itself. The first and the last
/// need `files:write`.
extension SlackAPI {
    /// Asks for the address of a file (`files.getUploadURLExternal`, which accepts no JSON). Throws ``SlackError``.
    ///
    /// - Parameters:
    ///   - length: in bytes, at least 1; the content must have exactly this length.
    ///   - altText: at most 1,000 characters.
    func uploadAddress(ofFile name: String, length: Int, altText: String) async throws -> UploadAddress {
        let method = "files.getUploadURLExternal"
        let arguments = [("filename", name), ("length", "\(length)"), ("alt_txt", altText)]
        let answer = try await form(method, arguments.filter { !$1.isEmpty })
        guard let url = answer["upload_url"]?.string, let file = answer["file_id"]?.string else {
            throw SlackError("bad_answer", method: method)
        }
        guard isTrusted(uploadURL: url) else { throw SlackError("untrusted_url", method: method) }
        return UploadAddress(url: Secret(url), file: file)
    }

    /// The time for the content: 5 MB in two minutes.
    private static let uploadTimeouts = HTTPClient.Timeouts(
        head: .seconds(120), idle: .seconds(20), total: .seconds(140))

    /// Posts the content, without a token: the URL carries its own authorization. Throws ``SlackError``.
    func upload(_ content: [UInt8], to address: UploadAddress) async throws {
        let method = "upload_url"
        try await paced(method, channel: nil) {
            let request = HTTPClient.Request(
                "POST", address.url.revealed, headers: [("Content-Type", "application/octet-stream")], body: content,
                timeouts: Self.uploadTimeouts)
            let (response, _) = try await exchange(request, method, upTo: 8 << 10)
            guard response.status != 200 else { return }
            throw SlackError(
                response.status == 429 ? "ratelimited" : "http_\(response.status)", method: method,
                retryAfter: Self.retryAfter(response))
        }
    }

    /// Shares an uploaded file (`files.completeUploadExternal`). Its message may appear a moment later. Throws
    /// ``SlackError``, and what `isWanted` throws.
    ///
    /// - Parameters:
    ///   - channel: an id.
    ///   - thread: ts of the root message; nil: the file is no reply.
    ///   - comment: the message's text, in mrkdwn.
    ///   - isWanted: see ``call(_:_:as:maxWait:isRepeated:isWanted:)``.
    func share(
        _ address: UploadAddress, title: String, in channel: String, thread: String?, comment: String? = nil,
        isWanted: () async throws -> Bool = { true }
    ) async throws {
        let files: JSONValue = [["id": .string(address.file), "title": .string(title)]]
        var arguments = [("files", files.text()), ("channel_id", channel)]
        if let thread { arguments.append(("thread_ts", thread)) }
        if let comment { arguments.append(("initial_comment", comment)) }
        _ = try await form(Self.sharing, arguments, isWanted: isWanted)
    }

    /// The method of the last step, the only one whose effect users see.
    static let sharing = "files.completeUploadExternal"

    /// Whether the URL is on a host of Slack, or on loopback when the API is there too.
    func isTrusted(uploadURL url: String) -> Bool {
        if Loopback.isLoopback(baseURL), Loopback.isLoopback(url) { return true }
        // A backslash or a space is read in different ways by different parsers.
        guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }),
            let parts = URLComponents(string: url), parts.scheme?.lowercased() == "https", parts.user == nil,
            parts.password == nil, [nil, 443].contains(parts.port), let host = parts.host?.lowercased()
        else { return false }
        return host.hasSuffix(".slack.com") || host.hasSuffix(".slack-gov.com")
    }
}
