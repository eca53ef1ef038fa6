import Testing

@testable import Bridge

@Suite("The HTTP exchanges of an MCP connection", .timeLimit(.minutes(1)))
struct MCPExchangesTests {
    /// One exchange of a request, which lasts until it is cancelled or ``complete``.
    private final class Exchange: Sendable {
        private let begun = AsyncStream<Void>.makeStream()
        private let response = AsyncStream<Void>.makeStream()

        func run(in exchanges: MCPExchanges) async {
            let envelope = MCPEnvelope(message: .request(id: .number(1), method: "tools/call", params: nil))
            await withDiscardingTaskGroup { group in
                await exchanges.deliver(envelope, in: &group) { [self] _ in
                    begun.continuation.finish()
                    for await _ in response.stream {}
                }
            }
        }

        func begins() async { for await _ in begun.stream {} }
        func complete() { response.continuation.finish() }
    }

    @Test("a request that is sent again before its first exchange is over can be ended alone")
    func again() async {
        let exchanges = MCPExchanges()
        let (first, second) = (Exchange(), Exchange())
        async let earlier: Void = first.run(in: exchanges)
        await first.begins()
        async let later: Void = second.run(in: exchanges)
        await second.begins()
        first.complete()
        await earlier
        exchanges.end(.text("1"))
        await later  // else it lasts for ever
    }
}
