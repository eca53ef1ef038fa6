import Bridge

extension Store {
    /// Whether a spooled question is in the store, asked before this process works on it from the spool: another process
    /// may answer what the store has. Only of a question whose `accept` ended without an answer this has to be asked.
    ///
    /// The question is given to the store again. A read would not see a row whose commit is under way; a second insert
    /// waits for that commit. When the store has taken it, or had it, the store's row is the question: the copy in the
    /// spool is not worked on, and is removed once the store is used again. When the store refuses, or does not answer
    /// within the limit, it is away, and the question is worked on from the spool, like all others that waited for that.
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
