extension HTTPClient {
    /// One request with its whole body.
    package struct Request: Sendable {
        /// GET, POST, DELETE …; sent as written.
        package var method: String
        /// An absolute `http` or `https` URL without credentials in it.
        package var url: String
        /// Sent in this order after the client's own headers (User-Agent, Accept); one with the name of such a header
        /// replaces it. An empty value is sent as an empty header.
        package var headers: [(name: String, value: String)]
        /// nil for no body. There is no default `Content-Type`: set it in `headers`.
        package var body: [UInt8]?
        package var timeouts: HTTPClient.Timeouts

        package init(
            _ method: String = "GET", _ url: String, headers: [(name: String, value: String)] = [],
            body: [UInt8]? = nil, timeouts: HTTPClient.Timeouts = .init()
        ) {
            self.method = method
            self.url = url
            self.headers = headers
            self.body = body
            self.timeouts = timeouts
        }
    }
}

extension HTTPClient {
    /// How long each phase of a request may take. Only `total` ends a stream on which bytes keep arriving.
    package struct Timeouts: Sendable, Hashable {
        /// From the start of the name look-up until the connection (TLS included) can carry the request. The wait for a
        /// free connection does not count.
        package var connect: Duration
        /// From `send` until the head of the response is complete; waiting for a connection and sending the body count.
        package var head: Duration
        /// Between two arrivals of body bytes, and from the head to the first. Does not run while the transfer is
        /// paused because the reader is slower than the server.
        package var idle: Duration
        /// From `send` until the last byte of the body; nil for no limit.
        package var total: Duration?

        package init(
            connect: Duration = .seconds(5), head: Duration = .seconds(60), idle: Duration = .seconds(90),
            total: Duration? = nil
        ) {
            self.connect = connect
            self.head = head
            self.idle = idle
            self.total = total
        }
    }
}

extension HTTPClient {
    /// The headers of a response in the order of their arrival; names compare without case (RFC 9110, 5.1).
    package struct Headers: Sendable {
        /// Every header line as it arrived, without the white space round the value.
        package let fields: [(name: String, value: String)]

        package init(_ fields: [(name: String, value: String)] = []) {
            self.fields = fields
        }

        /// The first value of the header with that name; nil when there is none.
        package subscript(_ name: String) -> String? {
            fields.first { $0.name.equalsIgnoringASCIICase(name) }?.value
        }

        /// The values of all headers with that name, in the order of arrival.
        package func all(_ name: String) -> [String] {
            fields.lazy.filter { $0.name.equalsIgnoringASCIICase(name) }.map(\.value)
        }
    }
}

extension HTTPClient {
    /// A response whose head has arrived. Its connection (over HTTP/2: its stream) is in use until the body is read to
    /// its end or released.
    package struct Response: Sendable {
        /// The HTTP status, 101 or at least 200.
        package let status: Int
        package let headers: HTTPClient.Headers
        /// For one reader. Releasing the response and its body before the end closes the transfer.
        package let body: HTTPClient.Body

        /// Reads the whole body.
        ///
        /// - Parameter limit: the most bytes to accept; when more arrive, the transfer is closed.
        /// - Throws: ``HTTPClient/Failure`` with `tooLarge`, or what ``HTTPClient/Body`` throws.
        package func collect(upTo limit: Int) async throws -> [UInt8] {
            var collected: [UInt8] = []
            for try await chunk in body {
                guard collected.count + chunk.count <= limit else {
                    body.close()
                    throw HTTPClient.Failure(
                        .tooLarge, "the response of \(body.origin) is larger than \(limit) bytes: ask for less")
                }
                collected += chunk
            }
            return collected
        }
    }
}

extension String {
    fileprivate func equalsIgnoringASCIICase(_ other: String) -> Bool {
        utf8.count == other.utf8.count && zip(utf8, other.utf8).allSatisfy { $0.lowercasedASCII == $1.lowercasedASCII }
    }
}

extension UInt8 {
    fileprivate var lowercasedASCII: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
}
