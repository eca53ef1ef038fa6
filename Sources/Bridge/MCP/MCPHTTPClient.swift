/// HTTP client of one MCP server: every request carries the server's credentials.
struct MCPHTTPClient: Sendable {
    /// A time that no exchange takes, for one that ends by other means.
    static let unlimited = Duration.seconds(86400)

    let http: HTTPClient
    let credentials: any MCPCredentials

    /// Sends a request and returns the head of the response with its body to read. After the status 401 the credentials
    /// are asked again, and if they differ the request, which the server has not handled, is sent once more.
    ///
    /// - Throws: `HTTPClient.Failure`, ``MCPFailure`` of the credentials, or `CancellationError`.
    func send(
        _ method: String, _ url: String, headers: [(name: String, value: String)], body: [UInt8]? = nil,
        timeouts: HTTPClient.Timeouts
    ) async throws -> HTTPClient.Response {
        func response(with own: [MCPCredentials.Header]) async throws -> HTTPClient.Response {
            let fields = headers + own.map { (name: $0.name, value: $0.value.revealed) }
            return try await http.send(
                HTTPClient.Request(method, url, headers: fields, body: body, timeouts: timeouts))
        }
        let first = try await credentials.headers(for: url, after: nil)
        let answer = try await response(with: first)
        guard answer.status == 401 else { return answer }
        let challenge = MCPChallenge(refused: first, wwwAuthenticate: answer.headers["WWW-Authenticate"])
        let second = try await credentials.headers(for: url, after: challenge)
        return second == first ? answer : try await response(with: second)
    }
}

extension MCPFailure {
    /// Maps an error of an HTTP exchange; one that is neither of the client nor of the credentials is a cancellation.
    init(ofExchange error: any Error) {
        switch error {
        case let failure as MCPFailure: self = failure
        case let error as HTTPClient.Failure:
            self = error.isConnectionFailure ? .notConnected(error.message) : .lost(error.message)
        default: self = .cancelled
        }
    }
}
