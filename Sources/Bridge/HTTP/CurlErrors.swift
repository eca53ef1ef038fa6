import CCurl

/// Maps libcurl's codes and the client's own conditions to failures with their messages.
extension HTTPClient.Failure {
    /// A transfer that libcurl ended with an error.
    ///
    /// - Parameters:
    ///   - detail: libcurl's error text, which names hosts and ports, never a path, a query or a header.
    ///   - origin: host:port of the server.
    ///   - sent: whether bytes of the request may have reached the server.
    init(curl status: CURLcode, detail: String, origin: String, sent: Bool) {
        let (code, failure, hint) = Self.meaning(of: status, sent: sent)
        self.init(
            code, "\(failure) \(origin) (\(detail)): \(hint)", curlCode: Int32(bitPattern: status.rawValue),
            isConnectionFailure: !sent)
    }

    /// A phase that took longer than its `limit`.
    init(timeout phase: Phase, after limit: Duration, origin: String, sent: Bool) {
        let time = limit.formattedSeconds
        let message =
            switch phase {
            case .connect: "no connection to \(origin) within \(time): is it up and reachable?"
            case .head: "no response from \(origin) within \(time): try again, or allow more time"
            case .idle: "\(origin) sent nothing for \(time) in the middle of a response: try again"
            case .total: "the exchange with \(origin) took longer than \(time): ask for less, or allow more time"
            }
        self.init(
            .timeout(phase), message, curlCode: Int32(bitPattern: CURLE_OPERATION_TIMEDOUT.rawValue),
            isConnectionFailure: !sent)
    }

    /// The client was shut down before the response was complete.
    static func closed(_ origin: String, sent: Bool) -> HTTPClient.Failure {
        HTTPClient.Failure(
            .closed, "the request to \(origin) ended: this program is stopping", isConnectionFailure: !sent)
    }

    /// The transfer ended without an error and without a response head.
    static func interrupted(_ origin: String) -> HTTPClient.Failure {
        HTTPClient.Failure(.interrupted, "\(origin) ended the connection before its response: try again")
    }

    /// A body was read while another read of it was waiting.
    static let secondReader = HTTPClient.Failure(
        .other, "a response body has two readers at the same time: read it once")

    /// The code, the beginning of the message (before the origin) and its end (what to do).
    private static func meaning(of status: CURLcode, sent: Bool) -> (Code, String, String) {
        switch status {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            (.cannotResolve, "no address for", "check the name and the name server")
        case CURLE_COULDNT_CONNECT, CURLE_PROXY, CURLE_INTERFACE_FAILED:
            (.cannotConnect, "cannot connect to", "is it up and reachable, and the proxy right?")
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH:
            (.tls, "the certificate was not accepted of", "check the CA file and the name in the certificate")
        case CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_CERTPROBLEM:
            (.tls, "no certificates to check with for", "check that the CA file exists and is PEM")
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED,
            CURLE_SSL_ENGINE_INITFAILED, CURLE_USE_SSL_FAILED, CURLE_SSL_SHUTDOWN_FAILED:
            (.tls, "no secure connection to", "does it speak TLS 1.2 or later on that port?")
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
            (.badURL, "no usable URL for", "write it as https://host/path")
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_HTTP2,
            CURLE_HTTP2_STREAM, CURLE_WEIRD_SERVER_REPLY, CURLE_HTTP3, CURLE_QUIC_CONNECT_ERROR:
            sent
                ? (.interrupted, "the connection broke to", "try again")
                : (.cannotConnect, "cannot connect to", "is it up and reachable, and the proxy right?")
        case CURLE_WRITE_ERROR, CURLE_ABORTED_BY_CALLBACK:
            (.interrupted, "the response was given up of", "try again")
        default:
            (.other, "the request failed to", "try again, and report it when it stays")
        }
    }
}

extension Duration {
    /// "5 s", "0.25 s".
    fileprivate var formattedSeconds: String {
        let milliseconds = components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(Double(milliseconds) / 1000) s"
    }
}
