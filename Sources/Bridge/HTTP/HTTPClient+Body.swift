extension HTTPClient {
    /// The bytes of a response as they arrive, for one reader.
    ///
    /// Back pressure: when 256 KiB wait for the reader, no more is read from the connection until 64 KiB or less wait.
    /// Cancelling the reading task closes the transfer, and so does releasing the last copy of the body and its
    /// iterators before the end.
    ///
    /// A second iteration continues where the first stopped. Of two reads at the same time, which are a mistake of the
    /// caller, the later one throws.
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

        /// Ends the transfer now. Waiting and later reads throw `CancellationError`.
        func close() { ownership.exchange.cancel() }

        /// Reads the body. All iterators of a body share one position.
        package struct Iterator: AsyncIteratorProtocol {
            fileprivate let ownership: Ownership

            /// The next bytes, never empty; nil after the last.
            ///
            /// - Throws: ``HTTPClient/Failure`` when the transfer failed, after all bytes that arrived before;
            ///   `CancellationError` when this task, or one that read before, was cancelled.
            package mutating func next() async throws -> [UInt8]? {
                try await ownership.exchange.nextChunk()
            }
        }

        /// Shared by the copies of a body and its iterators. Closes the transfer when the last of them is released.
        fileprivate final class Ownership: Sendable {
            let exchange: HTTPExchange
            init(_ exchange: HTTPExchange) { self.exchange = exchange }
            deinit { exchange.cancel() }
        }
    }
}
