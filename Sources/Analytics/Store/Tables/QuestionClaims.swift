package import Bridge

extension Store {
    /// Takes a question in, once: a second delivery under the same `originKey` gives the first one's id. When it
    /// returns, the question is on the disk and may be acknowledged.
    ///
    /// With a spool it takes no longer than half a second and the spool's own time, however the store is.
    package func accept(_ new: NewQuestion) async throws -> AcceptResult {
        guard let spool else { return try await insert(new) }
        if let known = spool.state.withLockedValue({ $0.recent[new.originKey] }) { return .duplicate(known) }
        do {
            let acceptResult = try await inStore(within: spool.limits.accept) {
                try await $0.autocommit { try Self.accept(new, on: $0) }
            }
            if case .accepted(let id) = acceptResult {
                spool.state.withLockedValue { $0.recent.note(new.originKey, id) }
            }
            return acceptResult
        } catch let error as StoreError where error.saysAway {
            return try await acceptIntoSpool(new, in: spool, because: error)
        }
    }

    /// Whether a question of that key was taken in here, or is in the store. Throws ``StoreError`` when the store cannot be
    /// asked in the time that an acknowledgement has.
    package func isKnown(originKey: String) async throws -> Bool {
        if let spool, spool.state.withLockedValue({ $0.recent[originKey] }) != nil { return true }
        return try await inStore(within: spool?.limits.accept) {
            try await $0.autocommit { connection in
                let sql = "SELECT id FROM questions WHERE origin_key = $1"
                return try !connection.query(sql, [.text(originKey)]).isEmpty
            }
        }
    }

    private func insert(_ new: NewQuestion) async throws -> AcceptResult {
        do {
            return try await database.autocommit { try Self.accept(new, on: $0) }
        } catch let error as StoreError where error.code == .commitUnknown {
            // It is there under its own id, or it is not there.
            return try await database.autocommit { try Self.accept(new, on: $0) }
        }
    }

    static func accept(_ new: NewQuestion, on connection: any SQLConnection) throws -> AcceptResult {
        let taken = try SQLStatement.insert(
            into: "questions", QuestionRows.fields(new), "ON CONFLICT DO NOTHING", on: connection)
        guard taken == 0 else { return .accepted(new.question.id) }
        // Under READ COMMITTED this statement sees the row that the insert met.
        let sql = "SELECT id FROM questions WHERE origin_key = $1 OR id = $2"
        let values: [SQLValue] = [
            new.originKey.map { .text($0.storable) } ?? .null, .text(new.question.id.text),
        ]
        guard let id = try connection.query(sql, values).first?.ulid("id") else {
            throw StoreError(.busy, "the question \(new.question.id) met another that vanished: take it in again")
        }
        return id == new.question.id ? .accepted(id) : .duplicate(id)
    }

    /// Claims a question for a process: raises its epoch and leases it. nil when somebody holds it, when it is over,
    /// or when an older question of its thread is under way. Of several processes exactly one gets it. A question that
    /// has ended is claimed in order to say what is left to say.
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
            // It may be this process's by now, and then nobody else would ever take it.
            heldClaims.withLockedValue { $0.markUnconfirmed(id) }
            throw error
        }
    }

    private func claimWhereKept(_ id: ULID, for process: ProcessRow, _ lease: Duration) async throws -> Claim? {
        let any: Work<Claim?> = { try Self.claim(id, by: process.id, lease: lease, on: $0) }
        if let spool, spool.contains(id) { return try await claim(id, in: spool, any) }
        guard !isAway else { return nil }
        let claim = try await inStore { try await $0.write(any) }
        // A thread keeps its order over the store and the spool.
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
            guard try await !isInStore(id, spool) else {
                spool.disengage(id)
                return nil
            }
            let claim = try await spool.file.use { database in
                let row = try await database.read { try Self.question(id, on: $0) }
                guard let row, !heldClaims.withLockedValue({ $0.holdsUp(row) }) else { return Claim?.none }
                return try await database.write(body)
            }
            if claim == nil { spool.disengage(id) }
            return claim
        } catch {
            spool.disengage(id)
            throw error
        }
    }

    static func claim(
        _ id: ULID, by owner: String, lease: Duration, on connection: any SQLConnection
    ) throws -> Claim? {
        let row = try read(
            id, QuestionRows.selection(connection.dialect), "AND \(QuestionRows.isFirst)", on: connection)
        guard let row, var machine = QuestionStateMachine(row), machine.handle(.claim(by: owner)) else { return nil }
        try write(machine, of: id, lease: lease, on: connection)
        return QuestionRow(row, machine).map { Claim(question: $0, owner: owner) }
    }

    /// Questions that could be claimed now, oldest first: all, or those of one door and what was left at the others. (Who
    /// waits at another door has the question claimed by the process there, as soon as it is its turn: it is left when
    /// that process is gone.)
    package func claimable(at entryPoint: Place.EntryPoint? = nil, limit: Int = 50) async throws -> [ULID] {
        guard let spool else {
            return try await database.autocommit { try Self.claimable(at: entryPoint, limit: limit, on: $0) }
        }
        let (process, since) = spool.state.withLockedValue { ($0.process?.id, $0.inUseSince) }
        // While a process may be about to come back from the same outage, a silence says nothing.
        let mayReturn = ContinuousClock.now < since + Self.othersReturn
        let leaving = process.map { OtherOwners(process: $0, sign: mayReturn ? .seconds(86_400) : Self.lease) }
        let body: Work<[ULID]> = { try Self.claimable(at: entryPoint, leaving: leaving, limit: limit, on: $0) }
        var ids: [ULID] = []
        if spool.state.withLockedValue({ !$0.questions.isEmpty }) {
            ids = try await spool.file.use { try await $0.read(body) }.filter { spool.contains($0) }
        }
        guard !spool.isAway, ids.count < limit else { return ids }
        return ids + (try await inStore { try await $0.autocommit(body) })
    }

    /// The owners whose leases that ran out are left alone: all that have not ended and gave a sign of life within that
    /// time. An owner that lives has lost its lease in an outage, and has what it did since in its spool.
    private struct OtherOwners: Sendable {
        /// The process that asks, which is none of them.
        let process: String
        let sign: Duration
    }

    /// How long a lease lasts, if nothing else is said.
    private static let lease = Duration.seconds(5)
    /// For so long after this process has begun to use the store, or uses it again, others may still be about to. Longer
    /// than two probes that have to wait for their answer.
    private static let othersReturn = Duration.seconds(5)

    private static func claimable(
        at entryPoint: Place.EntryPoint?, leaving others: OtherOwners? = nil, limit: Int,
        on connection: any SQLConnection
    ) throws -> [ULID] {
        let dialect = connection.dialect
        var statement = SQLStatement(dialect)
        let left = others.map {
            """
            AND (questions.lease_until IS NULL OR questions.owner = \(statement.bind(.text($0.process)))
                OR NOT EXISTS (SELECT 1 FROM processes WHERE processes.id = questions.owner AND processes.pid <> 0
                    AND processes.heartbeat_at > \(dialect.now(plus: -$0.sign.milliseconds))))
            """
        }
        let condition = entryPoint.map {
            """
            AND (questions.door = \(statement.bind(.text($0.rawValue))) OR questions.state <> 'received'
                OR ((questions.received_at < \(dialect.now(plus: -60_000))
                        OR EXISTS (SELECT 1 FROM processes WHERE processes.id = questions.owner))
                    AND NOT EXISTS (
                        SELECT 1 FROM processes WHERE processes.id = questions.owner AND processes.pid <> 0
                        AND processes.heartbeat_at > \(dialect.now(plus: -silence.milliseconds)))))
            """
        }
        let sql = """
            SELECT id FROM questions WHERE \(QuestionRows.claimable(dialect)) \(left ?? "") \(condition ?? "")
            ORDER BY asked_at, id LIMIT \(statement.bind(.int(Int64(limit))))
            """
        return try connection.query(sql, statement.values).compactMap { $0.ulid("id") }
    }

    /// Lengthens the leases of everything that the process still works on, and gives those questions. A question that is
    /// missing was taken over or is over: stop working on it. What the store calls this process's and nobody here works
    /// on is not renewed: its lease runs out, and it is claimed again.
    package func renewLeases(of process: ProcessRow, lease: Duration = .seconds(5)) async throws -> Set<ULID> {
        let asked = ContinuousClock.now
        var held: Set<ULID>
        do {
            held = try await inStore(within: spool?.limits.renewal) {
                try await self.renewLeases(of: process, lease: lease, on: $0)
            }
        } catch let error as StoreError where error.saysAway && spool != nil {
            // As long as it is away nobody else can take what is ours still. Whose lease is over was taken, perhaps,
            // before it went, while this process stood still.
            held = heldClaims.withLockedValue { $0.running(at: .now) }
        }
        // What is in the spool nobody else can take.
        if let spool { held.formUnion(spool.state.withLockedValue { $0.questions.keys }) }
        heldClaims.withLockedValue { [held] in $0.renew(held, of: process.id, until: asked + lease) }
        return held
    }

    /// What was given up is given back first, and not renewed.
    func renewLeases(
        of process: ProcessRow, lease: Duration, on database: any SQLDatabase
    ) async throws -> Set<ULID> {
        for claim in heldClaims.withLockedValue({ $0.pendingReleases.values }) {
            _ = try await database.write { try Self.change(claim.id, by: .release(epoch: claim.epoch), on: $0) }
            heldClaims.withLockedValue { $0.released(claim) }
        }
        for id in heldClaims.withLockedValue({ $0.unconfirmed }) {
            try await database.write { try Self.giveBack(id, of: process.id, on: $0) }
            heldClaims.withLockedValue { _ = $0.confirm(id) }
        }
        let ids = heldClaims.withLockedValue { $0.ids }
        guard !ids.isEmpty else { return [] }
        return try await database.autocommit { connection in
            var statement = SQLStatement(connection.dialect)
            let sql = """
                UPDATE questions SET lease_until = \(connection.dialect.now(plus: lease.milliseconds))
                WHERE owner = \(statement.bind(.text(process.id))) AND lease_until IS NOT NULL AND \(QuestionRows.live)
                AND id IN (\(ids.map { statement.bind(.text($0.text)) }.joined(separator: ", "))) RETURNING id
                """
            return Set(try connection.query(sql, statement.values).compactMap { $0.ulid("id") })
        }
    }

    /// Ends the work on a question whose ending cannot be recorded: the claim is not given back, so that the attempt
    /// counts, and not renewed. When its lease has run out, the question is claimed again.
    package func lapse(_ claim: Claim) { letGo(claim) }

    /// Whether the claim's lease runs by this process's own clock, which goes on while the process is stopped: asked
    /// before each message that cannot be taken back.
    package func holds(_ claim: Claim) -> Bool {
        heldClaims.withLockedValue { $0.holds(claim, at: .now) }
    }

    /// Notes that the question waits. False when the claim no longer counts.
    package func markWaiting(_ claim: Claim, for reason: QuestionState.Reason) async throws -> Bool {
        try await change(claim, by: .wait(epoch: claim.epoch, for: reason))
    }

    /// Notes that the work goes on. False when the claim no longer counts.
    package func markWorking(_ claim: Claim) async throws -> Bool {
        try await change(claim, by: .work(epoch: claim.epoch))
    }

    /// Gives a question back, so that any process may claim it at once. False when the claim no longer counts.
    package func release(_ claim: Claim) async throws -> Bool {
        defer { letGo(claim) }
        do {
            return try await change(claim, by: .release(epoch: claim.epoch))
        } catch {
            heldClaims.withLockedValue { $0.scheduleRelease(claim) }
            throw error
        }
    }

    /// Notes that all was said that was to be said. False when the claim no longer counts.
    @discardableResult
    package func delivered(_ claim: Claim) async throws -> Bool {
        let delivered = try await change(claim, by: .delivered(epoch: claim.epoch))
        letGo(claim)
        return delivered
    }

    private func change(_ claim: Claim, by event: QuestionStateMachine.Event) async throws -> Bool {
        try await writeClaimed(claim.id) { try Self.change(claim.id, by: event, on: $0) != nil }
    }

    /// This process works on it no more.
    func letGo(_ claim: Claim) {
        heldClaims.withLockedValue { $0.remove(claim) }
        spool?.disengage(claim.id)
    }

    /// Lets the pure machine decide about one event that is no claim, and writes what it decides. nil: the event may not
    /// happen, and nothing was written.
    static func change(
        _ id: ULID, by event: QuestionStateMachine.Event, on connection: any SQLConnection
    ) throws -> QuestionStateMachine? {
        let columns = "state, waiting_for, owner, epoch, attempts, undelivered"
        guard let row = try read(id, columns, on: connection), var machine = QuestionStateMachine(row),
            machine.handle(event)
        else {
            return nil
        }
        try write(machine, of: id, lease: nil, on: connection)
        return machine
    }

    /// Gives a question back of which that process does not know that it has it.
    private static func giveBack(_ id: ULID, of owner: String, on connection: any SQLConnection) throws {
        let columns = "state, waiting_for, owner, epoch, attempts, undelivered"
        guard let row = try read(id, columns, on: connection), var machine = QuestionStateMachine(row),
            machine.owner == owner,
            machine.handle(.release(epoch: machine.epoch))
        else { return }
        try write(machine, of: id, lease: nil, on: connection)
    }

    /// The row of a question, locked until the transaction ends, with what else its life needs.
    ///
    /// - Parameter check: what the row must fulfil besides, as SQL that begins with AND.
    private static func read(
        _ id: ULID, _ columns: String, _ check: String = "", on connection: any SQLConnection
    ) throws -> SQLRow? {
        let dialect = connection.dialect
        // Whoever comes second waits for the first and then sees what became of the row.
        let lock = dialect == .postgres ? "FOR UPDATE" : ""
        let sql = """
            SELECT \(columns), coalesce(lease_until >= \(dialect.now), \(dialect == .postgres ? "false" : "0")) AS held
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
                undelivered = \(statement.bind(.bool(machine.isUndelivered))), lease_until = \(until)
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
    }
}

extension Duration {
    var milliseconds: Int64 { Int64(self / .milliseconds(1)) }
}
