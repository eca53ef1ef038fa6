import Bridge

extension Store {
    /// Whether the store has a question of the spool, so that this process must not process the spool's copy: another
    /// process may answer it. Called only for a question whose `accept` ended without the store's answer; false for all
    /// others.
    ///
    /// The question is imported into the store again. A read would not see a row whose commit is in progress; a second
    /// insert waits for that commit. If the store takes it or already has it, the store's row counts: the spool's copy
    /// is not processed, and is removed when the store is used again. If the import fails or takes longer than
    /// `Limits.look`, this question and all others in doubt are processed from the spool.
    func isInStore(_ id: ULID, _ spool: Spool) async throws -> Bool {
        let unsure = spool.unsure
        guard unsure.contains(id) else { return false }
        let rows = try await spool.file.use { try await $0.read { try SpooledRows(id, on: $0) } }
        guard let rows else { return false }
        do {
            try await importRows(rows, within: spool.limits.look)
        } catch let error as StoreError where error.code != .cancelled {
            logger.debug("The store does not take what it may have.", metadata: ["error": "\(error)"])
            spool.goOn(with: unsure)
            return false
        }
        spool.waits(id)
        return true
    }
}
