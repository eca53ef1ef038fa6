import Bridge

extension Store {
    /// Offers a question of the spool to the store before this process begins it, since another process may have
    /// accepted the same message, or this row, and then answers it. True if the store has it now: its row counts, the
    /// spool's copy is not processed and is removed when the store is used again.
    ///
    /// The question is imported. A read would not see a row whose commit is in progress; a second insert waits for that
    /// commit. A question whose `accept` ended without the store's answer is offered for `Limits.look`; then this one and
    /// all others in doubt are processed from the spool. One failure is not enough: after a standstill of this process
    /// its connections are closed, and the store is available. Any other question that was never claimed is offered
    /// once, if the last probe was successful: other processes may use the store again before this one does.
    func isLeftToStore(_ id: ULID, _ spool: Spool) async throws -> Bool {
        let unsure = spool.unsure
        var isUnsure = unsure.contains(id)
        guard isUnsure || spool.isAnswering else { return false }
        let rows = try await spool.file.use { try await $0.read { try SpooledRows(id, on: $0) } }
        guard let rows, isUnsure || rows.isNew else { return false }
        let end = ContinuousClock.now + spool.limits.look
        while true {
            do {
                let isThere = try await importRows(rows, within: isUnsure ? end - .now : spool.limits.accept)
                spool.waits(id, isDuplicate: !isThere)
                return true
            } catch let error as StoreError where error.code != .cancelled {
                logger.debug("The store does not take a question of the spool.", metadata: ["error": "\(error)"])
                guard isUnsure || error.mayHaveHappened else { return false }
                isUnsure = true
                guard ContinuousClock.now + Self.offerPause < end else {
                    spool.goOn(with: unsure)
                    return false
                }
                try await Task.sleep(for: Self.offerPause)
            }
        }
    }

    private static let offerPause = Duration.milliseconds(100)
}

extension SpooledRows {
    /// It was accepted into the spool and never claimed, in the spool or in the store. Without a key it is of a caller of
    /// this process, and no other process has accepted it.
    fileprivate var isNew: Bool { epoch == 0 && state == .received && !isBorrowed && originKey != nil }
}
