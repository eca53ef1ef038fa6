/// The response with which a server refuses an HTTP exchange: its status is not 2xx.
struct HTTPRefusal: Sendable, Hashable {
    let status: Int
    /// Empty when it could not be read.
    let body: [UInt8]

    init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }

    /// Reads the body of the response, at most 64 KiB.
    init(_ response: HTTPClient.Response) async {
        status = response.status
        body = (try? await response.collect(upTo: 65536)) ?? []
    }

    /// What it means for a request: a JSON-RPC error in the body, or an HTTP failure.
    var failure: MCPFailure {
        if status != 401, status != 403, case .error(_, let error)? = MCPFrame(body).onlyResponse {
            guard (400..<500).contains(status), !error.rejectsRequest else { return .server(error) }
            // Any other error with such a status is about the exchange: the request was not handled.
            let reason = "error \(error.code): \(error.message.prefix(500))"
            return .notConnected("it refused the request (HTTP \(status)), \(reason)")
        }
        switch status {
        case 401, 403:
            return .notConnected(
                "it refused the credentials (HTTP \(status)); check the authentication of its entry")
        case 300..<400: return .notConnected("it moved (HTTP \(status)); put its present URL into the entry")
        case 404, 405: return .notConnected("no MCP endpoint is at its URL (HTTP \(status)); check the URL")
        case 400..<500: return .notConnected("it refused the request (HTTP \(status))")
        default: return .lost("it failed (HTTP \(status))")
        }
    }
}
