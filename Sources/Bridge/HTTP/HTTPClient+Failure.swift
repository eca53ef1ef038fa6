extension HTTPClient {
    /// Why a request or the reading of its body ended early.
    ///
    /// The message names the server as host:port and states what to do. It never contains a path, a query, a header
    /// value or a byte of a body, so it may be logged and shown.
    package struct Failure: Error, Sendable, CustomStringConvertible {
        /// The kinds of failure.
        package enum Code: Sendable, Hashable {
            /// The name of the server (or of the proxy) has no address.
            case cannotResolve
            /// No connection to the server: it accepts none, or the proxy refused.
            case cannotConnect
            /// The TLS handshake failed: certificate, name or protocol version.
            case tls
            /// The phase took longer than ``HTTPClient/Timeouts`` allows.
            case timeout(Phase)
            /// The connection broke after the request was sent, before the response was complete.
            case interrupted
            /// The response head, body or event has more bytes than the limit.
            case tooLarge
            /// No absolute http or https URL, or one with credentials.
            case badURL
            /// The client was shut down.
            case closed
            /// Any other failure, also a method or header that HTTP does not allow; see `message`.
            case other
        }

        /// The phases that have a limit of their own, as in ``HTTPClient/Timeouts``.
        package enum Phase: String, Sendable, Hashable {
            case connect, head, idle, total
        }

        /// The kind of failure.
        package let code: Code
        /// What failed, on which host:port, and what to do.
        package let message: String
        /// libcurl's error number (https://curl.se/libcurl/c/libcurl-errors.html), 28 for every time-out; 0 for a
        /// failure that is not libcurl's.
        package let curlCode: Int32
        /// True when no byte of the request has reached the server, so that it may be sent again whatever its method.
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
