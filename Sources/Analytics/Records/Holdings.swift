import Bridge

/// What one process holds, by its own clock.
struct Holdings: Sendable {
    private struct Holding {
        let epoch: Int64
        let owner: String
        var until: ContinuousClock.Instant
    }

    private var holdings: [ULID: Holding] = [:]

    /// - Parameter until: reckoned from before the database was asked, so that it never ends later than the lease.
    mutating func take(_ claim: Claim, until: ContinuousClock.Instant) {
        holdings[claim.id] = Holding(epoch: claim.epoch, owner: claim.owner, until: until)
    }

    /// What the process holds and the database did not name is lost.
    mutating func renew(_ held: Set<ULID>, of owner: String, until: ContinuousClock.Instant) {
        for (id, holding) in holdings where holding.owner == owner {
            // A claim that was made while the leases were renewed has a lease of its own.
            if held.contains(id) { holdings[id]?.until = max(holding.until, until) }
        }
    }

    func holds(_ claim: Claim, at now: ContinuousClock.Instant) -> Bool {
        guard let holding = holdings[claim.id] else { return false }
        return holding.epoch == claim.epoch && holding.until > now
    }

    func epoch(of question: ULID) -> Int64? { holdings[question]?.epoch }

    mutating func drop(_ claim: Claim) {
        if holdings[claim.id]?.epoch == claim.epoch { holdings[claim.id] = nil }
    }
}
