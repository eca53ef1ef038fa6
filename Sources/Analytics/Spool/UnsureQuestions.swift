import Bridge

extension Store {
    /// Whether the store has a question of the spool, so that this process must not process the spool's copy: another
    /// process may answer it. Called only for a question whose `accept` ended without the store's answer; false for all
    /// others.
    ///
    /// The question is imported into the store again. A read would not see a row whose commit is in progress; a second
    /// insert waits for that commit. If the store takes it or already has it, the store's row counts: the spool's copy
    /// is not processed, and is removed when the store is used again. If no import succeeds within `Limits.look`, this
    /// question and all others in doubt are processed from the spool. One failure is not enough: after a standstill of
    /// this process its connections are closed, and the store is available.
    func isInStore(_ id: ULID, _ spool: Spool) async throws -> Bool {
        let unsure = spool.unsure
        guard unsure.contains(id) else { return false }
        let rows = try await spool.file.use { try await $0.read { try SpooledRows(id, on: $0) } }
        guard let rows else { return false }
        let end = ContinuousClock.now + spool.limits.look
        while true {
            do {
                try await importRows(rows, within: end - .now)
                spool.waits(id)
                return true
            } catch let error as StoreError where error.code != .cancelled {
                logger.debug("The store does not take what it may have.", metadata: ["error": "\(error)"])
                guard ContinuousClock.now + Self.lookPause < end else {
                    spool.goOn(with: unsure)
                    return false
                }
                try await Task.sleep(for: Self.lookPause)
            }
        }
    }

    private static let lookPause = Duration.milliseconds(100)
}
