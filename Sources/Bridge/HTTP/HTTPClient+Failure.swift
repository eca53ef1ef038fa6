extension HTTPClient {
    /// Why a request or the reading of its body ended early.
    ///
    /// The text names the server as host:port and says what to do. It never holds a path, a query, a header or a byte
    /// of a body, so it may be logged and shown.
    package struct Failure: Error, Sendable, CustomStringConvertible {
        /// The kinds of failure. More may come: a `switch` over it needs a `default`.
        package enum Code: Sendable, Hashable {
            /// The name of the server (or of the proxy) has no address.
            case cannotResolve
            /// Nothing accepts connections there, or the proxy refused.
            case cannotConnect
            /// The secure connection failed: certificate, name or protocol.
            case tls
            /// A phase took longer than ``HTTPClient/Timeouts`` allows.
            case timeout(Phase)
            /// The connection broke while the request was under way or the body was coming.
            case interrupted
            /// More bytes than the caller accepts.
            case tooLarge
            /// No absolute http or https URL, or one with credentials.
            case badURL
            /// The client is shut down.
            case closed
            case other
        }

        /// The phases that have a deadline of their own.
        package enum Phase: String, Sendable, Hashable {
            case connect, head, idle, total
        }

        package let code: Code
        /// What failed, on which host:port, and what to do.
        package let message: String
        /// The number libcurl gave (https://curl.se/libcurl/c/libcurl-errors.html); 0 when it was not libcurl that
        /// failed.
        package let curlCode: Int32
        /// No byte of the request has reached the server, so sending it again is safe whatever its method.
        package let isConnectionFailure: Bool

        package init(_ code: Code, _ message: String, curlCode: Int32 = 0, isConnectionFailure: Bool = false) {
            self.code = code
            self.message = message
            self.curlCode = curlCode
            self.isConnectionFailure = isConnectionFailure
        }

        package var description: String { message }
    }
}
