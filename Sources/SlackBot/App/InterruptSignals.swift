import UnixSignals

/// The result of `work`, which SIGINT and SIGTERM cancel.
func untilInterrupted<Value: Sendable>(
    _ work: @escaping @Sendable () async throws -> Value
) async -> Result<Value, any Error> {
    await withTaskGroup(of: Result<Value, any Error>?.self) { group in
        group.addTask {
            do {
                return .success(try await work())
            } catch {
                return .failure(error)
            }
        }
        group.addTask {
            for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { break }
            return nil
        }
        var result: Result<Value, any Error> = .failure(CancellationError())
        for await ended in group {
            if let ended { result = ended }
            group.cancelAll()
        }
        return result
    }
}
