package import Bridge

extension Store {
    /// Claims a question for a process: raises its epoch and sets its lease. Of several processes exactly one succeeds.
    /// nil if another claim holds it, it is over, an older question of its thread is not over, or the store is
    /// unavailable. A question that has ended or waits is claimed to send its remaining messages, and keeps its state;
    /// without any a waiting question is not claimed before its wait is over.
    package func claim(_ id: ULID, for process: ProcessRow, lease: Duration = .seconds(5)) async throws -> Claim? {
        let asked = ContinuousClock.now
        let wasUnconfirmed = heldClaims.withLockedValue { $0.confirm(id) }
        do {
            let claim = try await claimWhereKept(id, for: process, lease)
            heldClaims.withLockedValue { heldClaims in
                if let claim {
                    heldClaims.take(claim, until: asked + lease)
                } else if wasUnconfirmed {
                    heldClaims.markUnconfirmed(id)
                }
            }
            return claim
        } catch {
            // The claim may have been committed; without a release no process would claim the question again.
            heldClaims.withLockedValue { $0.markUnconfirmed(id) }
            throw error
        }
    }

    private func claimWhereKept(_ id: ULID, for process: ProcessRow, _ lease: Duration) async throws -> Claim? {
        let any: Work<Claim?> = { try Self.claim(id, by: process.id, lease: lease, on: $0) }
        if let spool, spool.contains(id) { return try await claim(id, in: spool, any) }
        guard !isAway else { return nil }
        let claim = try await inStore { try await $0.write(any) }
        // The order of a thread holds across the store and the spool.
        guard let claim, let spool, spool.holdsUp(thread: claim.question.threadKey, claim.question.askedAt, id) else {
            return claim
        }
        _ = try await release(claim)
        return nil
    }

    private func claim(_ id: ULID, in spool: Spool, _ body: @escaping Work<Claim?>) async throws -> Claim? {
        guard spool.engage(id) else { return nil }
        let heldClaims = heldClaims
        do {
            let claim = try await spool.file.use { database in
                let row = try await database.read { try Self.question(id, on: $0) }
                guard let row, !heldClaims.withLockedValue({ $0.holdsUp(row) }),
                    // Its first steps are in the store.
                    !spool.isBorrowed(id) || row.isToBeDelivered,
                    try await !isLeftToStore(id, spool)
                else { return Claim?.none }
                return try await database.write(body)
            }
            if claim == nil { spool.disengage(id) }
            return claim
        } catch {
            spool.disengage(id)
            throw error
        }
    }

    /// Claims the question in one transaction; nil if it may not be claimed now.
    static func claim(
        _ id: ULID, by owner: String, lease: Duration, on connection: any SQLConnection
    ) throws -> Claim? {
        let row = try read(
            id, QuestionRows.selection(connection.dialect), "AND \(QuestionRows.isFirst)", on: connection)
        guard let row, var machine = QuestionStateMachine(row), machine.handle(.claim(by: owner)) else { return nil }
        try write(machine, of: id, lease: lease, on: connection)
        return QuestionRow(row, machine).map { Claim(question: $0, owner: owner) }
    }

    /// Renews the leases of the questions that the process works on. A question that the store assigns to this process
    /// and that it does not work on is not renewed: its lease expires and it is claimed again.
    package func renewLeases(of process: ProcessRow, lease: Duration = .seconds(5)) async throws -> RenewedLeases {
        let asked = ContinuousClock.now
        var renewed: RenewedLeases
        do {
            renewed = try await inStore(within: spool?.limits.renewal) {
                try await self.renewLeases(of: process, lease: lease, on: $0)
            }
        } catch let error as StoreError where error.saysAway && spool != nil {
            // While the store is unavailable no other process can claim a question. A question whose lease has expired
            // may have been claimed before the outage, while this process was suspended.
            renewed = RenewedLeases(held: heldClaims.withLockedValue { $0.running(at: .now) })
        }
        // No other process can claim a question of this spool.
        if let spool { renewed.held.formUnion(spool.state.withLockedValue { $0.questions.keys }) }
        heldClaims.withLockedValue { [renewed] in $0.renew(renewed.held, of: process.id, until: asked + lease) }
        return renewed
    }

    /// Releases what this process has given up, then renews the leases of the rest.
    func renewLeases(
        of process: ProcessRow, lease: Duration, on database: any SQLDatabase
    ) async throws -> RenewedLeases {
        for claim in heldClaims.withLockedValue({ $0.pendingReleases.values }) {
            _ = try await database.write { try Self.change(claim.id, by: .release(epoch: claim.epoch), on: $0) }
            heldClaims.withLockedValue { $0.released(claim) }
        }
        for id in heldClaims.withLockedValue({ $0.unconfirmed }) {
            try await database.write { try Self.giveBack(id, of: process.id, on: $0) }
            heldClaims.withLockedValue { _ = $0.confirm(id) }
        }
        let ids = heldClaims.withLockedValue { $0.ids }
        guard !ids.isEmpty else { return RenewedLeases(held: []) }
        return try await database.autocommit { connection in
            var statement = SQLStatement(connection.dialect)
            let sql = """
                UPDATE questions SET lease_until = \(connection.dialect.now(plus: lease.milliseconds))
                WHERE owner = \(statement.bind(.text(process.id))) AND lease_until IS NOT NULL AND \(QuestionRows.live)
                AND id IN (\(statement.list(ids.map(\.text))))
                RETURNING id, \(connection.dialect.selected("stop", .json))
                """
            return try connection.query(sql, statement.values).reduce(into: RenewedLeases(held: [])) { renewed, row in
                guard let id = row.ulid("id") else { return }
                renewed.held.insert(id)
                renewed.stops[id] = StopRequest(row.json("stop"))
            }
        }
    }

    /// Ends the work on a question whose outcome cannot be stored. The claim is neither released, so that the attempt
    /// counts, nor renewed: after its lease the question is claimed again.
    package func lapse(_ claim: Claim) { letGo(claim) }

    /// True while the claim's lease runs by this process's continuous clock, which advances while the process is
    /// suspended. Checked before each message that cannot be undone.
    package func holds(_ claim: Claim) -> Bool {
        heldClaims.withLockedValue { $0.holds(claim, at: .now) }
    }

    /// Releases a question, so that any process may claim it at once. False if the claim is superseded. On an error
    /// the release is repeated with the next renewal.
    package func release(_ claim: Claim) async throws -> Bool {
        defer { letGo(claim) }
        do {
            return try await change(claim, by: .release(epoch: claim.epoch))
        } catch {
            heldClaims.withLockedValue { $0.scheduleRelease(claim) }
            throw error
        }
    }

    /// Records that all messages were sent. False if the claim is superseded.
    @discardableResult
    package func delivered(_ claim: Claim) async throws -> Bool {
        let delivered = try await change(claim, by: .delivered(epoch: claim.epoch))
        letGo(claim)
        return delivered
    }

    private func change(_ claim: Claim, by event: QuestionStateMachine.Event) async throws -> Bool {
        try await writeClaimed(claim.id) { try Self.change(claim.id, by: event, on: $0) != nil }
    }

    /// Ends this process's work on the question, in memory only.
    func letGo(_ claim: Claim) {
        heldClaims.withLockedValue { $0.remove(claim) }
        spool?.disengage(claim.id)
    }

    /// Applies one event to the row's state machine and writes the result. nil if the event is not allowed: nothing was
    /// written.
    static func change(
        _ id: ULID, by event: QuestionStateMachine.Event, on connection: any SQLConnection
    ) throws -> QuestionStateMachine? {
        guard var machine = try machine(of: id, on: connection), machine.handle(event) else { return nil }
        try write(machine, of: id, lease: nil, on: connection)
        return machine
    }

    /// Releases a question that the process may have claimed without receiving the result.
    private static func giveBack(_ id: ULID, of owner: String, on connection: any SQLConnection) throws {
        guard var machine = try machine(of: id, on: connection), machine.owner == owner,
            machine.handle(.release(epoch: machine.epoch))
        else { return }
        try write(machine, of: id, lease: nil, on: connection)
    }

    /// The question's state, locked until the transaction ends; nil if there is no such question.
    static func machine(of id: ULID, on connection: any SQLConnection) throws -> QuestionStateMachine? {
        try read(id, "state, waiting_for, owner, epoch, attempts, undelivered", on: connection)
            .flatMap { QuestionStateMachine($0) }
    }

    /// The row of a question, locked until the transaction ends, with `held`: whether its lease runs, and `due`:
    /// whether the time of its wait is over.
    ///
    /// - Parameter check: a further condition on the row, as SQL that begins with AND.
    private static func read(
        _ id: ULID, _ columns: String, _ check: String = "", on connection: any SQLConnection
    ) throws -> SQLRow? {
        let dialect = connection.dialect
        // A second transaction waits for the first and then reads the changed row.
        let lock = dialect == .postgres ? "FOR UPDATE" : ""
        let no = dialect == .postgres ? "false" : "0"
        let sql = """
            SELECT \(columns), coalesce(lease_until >= \(dialect.now), \(no)) AS held,
                coalesce(wait_until < \(dialect.now), \(no)) AS due
            FROM questions WHERE id = $1 \(check) \(lock)
            """
        return try connection.query(sql, [.text(id.text)]).first
    }

    private static func write(
        _ machine: QuestionStateMachine, of id: ULID, lease: Duration?, on connection: any SQLConnection
    ) throws {
        let until: String
        switch (lease, machine.isHeld) {
        case (.some(let lease), _): until = connection.dialect.now(plus: lease.milliseconds)
        case (nil, true): until = "lease_until"
        case (nil, false): until = "NULL"
        }
        var statement = SQLStatement(connection.dialect)
        let sql = """
            UPDATE questions SET state = \(statement.bind(.text(machine.state.rawValue))),
                waiting_for = \(statement.bind(.text(machine.waitingFor?.rawValue))),
                owner = \(statement.bind(.text(machine.owner))), epoch = \(statement.bind(.int(machine.epoch))),
                attempts = \(statement.bind(.int(Int64(machine.attempts)))),
                undelivered = \(statement.bind(.bool(machine.isUndelivered))), lease_until = \(until),
                wait_until = \(machine.state == .waiting ? "wait_until" : "NULL")
            WHERE id = \(statement.bind(.text(id.text)))
            """
        try connection.enqueue(sql, statement.values)
    }
}

extension QuestionStateMachine {
    init?(_ row: SQLRow) {
        guard let state = row.text("state").flatMap(QuestionState.init(rawValue:)) else { return nil }
        self.init()
        self.state = state
        waitingFor = row.text("waiting_for").flatMap(QuestionState.Reason.init(rawValue:))
        owner = row.text("owner")
        epoch = row.int("epoch") ?? 0
        attempts = Int(row.int("attempts") ?? 0)
        isUndelivered = row.bool("undelivered") ?? false
        isHeld = row.bool("held") ?? false
        isDue = state == .waiting && row.bool("due") ?? false
    }
}

extension Duration {
    var milliseconds: Int64 { Int64(self / .milliseconds(1)) }
}
