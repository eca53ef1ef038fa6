import NIOConcurrencyHelpers

/// The HTTP exchanges in which the messages of one connection are sent; that of a request can be ended alone.
final class MCPExchanges: Sendable {
    private let scopes = NIOLockedValueBox<[RequestID: CancellationScope]>([:])

    /// Sends a message in a child task of `group`, or one that later messages must not overtake before it returns.
    func deliver(
        _ envelope: MCPEnvelope, in group: inout DiscardingTaskGroup,
        _ send: @escaping @Sendable (MCPEnvelope) async -> Void
    ) async {
        guard !envelope.isBarrier else { return await send(envelope) }
        guard let id = envelope.message.requestID else {
            group.addTask { await send(envelope) }
            return
        }
        let scope = CancellationScope()
        scopes.withLockedValue { $0[id] = scope }
        group.addTask {
            await scope.run { await send(envelope) }
            // The request may have been sent again in the meantime.
            self.scopes.withLockedValue { if $0[id] === scope { $0[id] = nil } }
        }
    }

    /// Ends the exchange of a request, if there is one.
    func end(_ id: RequestID) {
        let scope = scopes.withLockedValue { scopes in
            scopes.keys.first { $0.isSame(as: id) }.flatMap { scopes.removeValue(forKey: $0) }
        }
        scope?.cancel()
    }
}
