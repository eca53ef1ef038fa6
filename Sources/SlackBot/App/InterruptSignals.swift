import Bridge
import UnixSignals

/// The result of `work`, which SIGINT and SIGTERM cancel.
func untilInterrupted<Value: Sendable>(
    _ work: @escaping @Sendable () async throws -> Value
) async -> Result<Value, any Error> {
    let scope = CancellationScope()
    return await withTaskGroup(of: Void.self) { group in
        group.addTask {
            for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { break }
            scope.cancel()
        }
        defer { group.cancelAll() }
        return await scope.run { await Result(work) }
    }
}
