extension HTTPClient {
    /// The bytes of a response as they arrive, for one reader.
    ///
    /// A slow reader stops the sender: when 256 KiB wait here, no more is read from the connection until the reader has
    /// caught up. Cancelling the reading task closes the transfer, and so does letting go of the body before its end.
    ///
    /// A second iteration goes on where the first stopped; two at the same time are a mistake of the caller, and the
    /// later one throws.
    package struct Body: AsyncSequence, Sendable {
        package typealias Element = [UInt8]
        package typealias Failure = any Error

        private let ownership: Ownership

        init(_ exchange: HTTPExchange) {
            ownership = Ownership(exchange)
        }

        package func makeAsyncIterator() -> Iterator { Iterator(ownership: ownership) }

        /// host:port of the server, for errors.
        var origin: String { ownership.exchange.origin }

        /// Ends the transfer now; reading throws `CancellationError` from here on.
        func close() { ownership.exchange.cancel() }

        package struct Iterator: AsyncIteratorProtocol {
            fileprivate let ownership: Ownership

            /// The next bytes, never empty; nil after the last.
            ///
            /// - Throws: ``HTTPClient/Failure`` when the transfer failed, after all bytes that came before;
            ///   `CancellationError` when this task was cancelled.
            package mutating func next() async throws -> [UInt8]? {
                try await ownership.exchange.nextChunk()
            }
        }

        /// Copies of the body and its iterators share this; when the last is gone nobody can read any more.
        fileprivate final class Ownership: Sendable {
            let exchange: HTTPExchange
            init(_ exchange: HTTPExchange) { self.exchange = exchange }
            deinit { exchange.cancel() }
        }
    }
}
