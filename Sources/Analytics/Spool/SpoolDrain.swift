import Bridge
package import Foundation
import Logging
import Metrics

/// The state of the store as this process sees it.
package struct StoreStatus: Sendable, Hashable {
    /// When it became unavailable; nil while it is available.
    package let awaySince: Date?
    /// The message of the first failure; nil while it is available.
    package let reason: String?
    /// Number of questions in this process's spool.
    package let spooled: Int
}

extension Store {
    // Interval of the probes and limit of each.
    private static let probe = Duration.seconds(1)
    /// Limit of each step of ``settleIn(_:)``.
    private static let timeout = Duration.seconds(30)
    /// Limit of a migration: an index over a large table takes minutes, and an attempt that is stopped is lost work.
    private static let migrationTimeout = Duration.seconds(3600)

    /// nil for a store without a spool: there the errors of the calls are the only sign.
    package var status: StoreStatus? {
        spool?.state.withLockedValue { state in
            StoreStatus(
                awaySince: state.availability.since, reason: state.availability.reason, spooled: state.questions.count)
        }
    }

    /// True while the store is unavailable. Always false without a spool.
    package var isAway: Bool { spool?.isAway ?? false }

    /// Whether other processes may have questions in their spools: the store is unavailable, or this process has used it
    /// (again) for less than 5 s. Always false without a spool, and for SQLite, which one process uses.
    package var mayBeSpooledElsewhere: Bool {
        guard database.dialect == .postgres else { return false }
        return spool?.state.withLockedValue { state in
            state.availability.isAway || ContinuousClock.now < state.inUseSince + Self.othersReturn
        } ?? false
    }

    /// Probes an unavailable store, uses it again when it answers, and moves the spool's questions to it. Returns when
    /// its task is cancelled. Run one such task for each store: without it an unavailable store stays unavailable.
    ///
    /// - Parameter interval: how often users are read again for the next outage; other processes change them.
    package func watchStore(learningEvery interval: Duration = .seconds(60)) async {
        guard let spool else { return }
        var learned = ContinuousClock.now
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.probe)
            guard !Task.isCancelled else { return }
            defer { Self.meter(spool) }
            guard !spool.isAway else {
                await probe(spool)
                continue
            }
            await trying("The spool could not be emptied yet.", spool) { try await drain(spool) }
            guard learned + interval <= .now, !spool.isAway else { continue }
            learned = .now
            await trying("Who is known was not read anew.", spool) {
                try await learnPeople(spool, within: spool.limits.other)
            }
        }
    }

    private func trying(_ failed: Logger.Message, _ spool: Spool, _ work: () async throws -> Void) async {
        do {
            try await work()
        } catch let error as StoreError where error.saysAway {
            spool.note(error)
        } catch {
            guard !Task.isCancelled else { return }
            logger.warning(failed, metadata: ["error": "\(error)"])
        }
    }

    private static func meter(_ spool: Spool) {
        let (isAway, kept) = spool.state.withLockedValue { ($0.availability.isAway, $0.questions.count) }
        Gauge(label: "omni_store_away").record(isAway ? 1 : 0)
        Gauge(label: "omni_spool_questions").record(kept)
    }

    private func probe(_ spool: Spool) async {
        do {
            try await proveWritable(spool)
            guard spool.state.withLockedValue({ $0.availability.answered() }) else { return }
            let since = spool.state.withLockedValue { $0.availability.since } ?? Date()
            let waiting = spool.state.withLockedValue { $0.questions.count }
            try await settleIn(spool)
            spool.state.withLockedValue { state in
                state.availability.returned()
                state.inUseSince = .now
            }
            let remaining = spool.state.withLockedValue { $0.questions.count }
            logger.notice(
                "The store is back.",
                metadata: [
                    "away_seconds": "\(Int(Date().timeIntervalSince(since)))", "spooled": "\(waiting)",
                    "still_in_spool": "\(remaining)",
                ])
        } catch {
            _ = spool.state.withLockedValue { $0.fail("\(error)") }
            logger.debug("The store is still away.", metadata: ["error": "\(error)"])
        }
    }

    /// Throws unless the store accepts writes: a server that only reads (a standby, or one with a full disk) would
    /// answer a `SELECT` but store no question.
    private func proveWritable(_ spool: Spool) async throws {
        let database = database
        let process = spool.state.withLockedValue { $0.process?.id ?? "" }
        try await StoreTimeout.run(Self.probe) {
            try await database.write { connection in
                // Without a schema there is no table to write to; the migration after this probe creates it.
                guard try Migrations.version(connection) > 0 else { return }
                let sql = "UPDATE processes SET heartbeat_at = \(connection.dialect.now) WHERE id = $1 AND pid <> 0"
                try connection.execute(sql, [.text(process)])
            }
        }
    }

    /// Prepares a store that answers again: migration, registration, leases, left spools, own spool, users.
    private func settleIn(_ spool: Spool) async throws {
        let version = try await StoreTimeout.run(Self.timeout) { try await self.schemaVersion() }
        try await StoreTimeout.run(version < Migrations.latest ? Self.migrationTimeout : Self.timeout) {
            _ = try await self.migrate()
        }
        if let process = spool.state.withLockedValue({ $0.process }) {
            try await StoreTimeout.run(Self.timeout) {
                // Renews the claims that no other process has taken.
                _ = try await self.renewLeases(of: process, lease: .seconds(5), on: self.database)
            }
        }
        try await recover(spool)
        try await drain(spool)
        if let process = spool.state.withLockedValue({ $0.process }) {
            try await StoreTimeout.run(Self.timeout) {
                // After the drain: this frees the claims of earlier processes of the name, and another process would
                // claim a question without the steps that were in the spool. Whether another process has the name by
                // now shows at its next heartbeat.
                _ = try await self.enrol(process, on: self.database)
            }
        }
        try await learnPeople(spool)
    }

    /// Moves the spools of processes that have exited to the store, or to this process's spool while the store is
    /// unavailable.
    func recover(_ spool: Spool) async throws {
        for leftover in await spool.file.leftovers() {
            do {
                try await empty(leftover, spool)
                await leftover.close(removing: true)
            } catch {
                await leftover.close(removing: false)
                throw error
            }
        }
    }

    private func empty(_ leftover: SpoolDatabase, _ spool: Spool) async throws {
        let found = try await Self.everything(in: leftover.database)
        guard !found.isEmpty else { return }
        let isAway = spool.isAway
        for rows in found {
            if isAway {
                try await importIntoSpool(rows, spool)
            } else {
                try await importRows(rows)
            }
        }
        logger.notice(
            "What another process had left in its spool was taken over.",
            metadata: ["questions": "\(found.count)", "into": "\(isAway ? "this process's spool" : "the store")"])
    }

    private func importIntoSpool(_ rows: SpooledRows, _ spool: Spool) async throws {
        let calendar = calendar
        try await spool.file.use { database in
            try await database.write { connection in
                try SpoolImport(rows: rows, calendar: calendar).run(on: connection)
                guard rows.isBorrowed else { return }
                try connection.execute(
                    "INSERT INTO borrowed (question_id) VALUES ($1) ON CONFLICT DO NOTHING", [.text(rows.id.text)])
            }
        }
        spool.state.withLockedValue { state in
            state.questions[rows.id] = Spool.SpooledQuestion(
                thread: rows.thread, askedAt: rows.askedAt, isBorrowed: rows.isBorrowed, isWaiting: rows.isBorrowed)
            state.recent.note(rows.originKey, rows.id)
        }
    }

    /// Moves the questions that are not in progress from the spool to the store; removes the file when it is empty.
    private func drain(_ spool: Spool) async throws {
        let ids = spool.leaving()
        guard !ids.isEmpty else { return }
        defer { for id in ids { spool.stays(id) } }
        for id in ids {
            do {
                let rows = try await spool.file.use { try await $0.read { try SpooledRows(id, on: $0) } }
                if let rows { try await importRows(rows) }
                try await spool.file.use { try await $0.write { try SpooledRows.remove(id, on: $0) } }
                spool.left(id)
            } catch let error as StoreError where [.constraint, .other, .corrupt].contains(error.code) {
                spool.refuses(id)
                // A question that the store rejects must not block the others.
                logger.critical(
                    "A question in the spool was not taken by the store; it stays in the spool and is tried again at the next start.",
                    metadata: ["question": "\(id)", "error": "\(error)"])
            }
        }
        await spool.file.remove { spool.state.withLockedValue { $0.questions.isEmpty } }
    }

    /// Imports one question into the store in one transaction, with the partitions it needs. Safe to repeat. False if
    /// the store has the same message under another id, which counts.
    @discardableResult
    func importRows(_ rows: SpooledRows, within limit: Duration = .seconds(30)) async throws -> Bool {
        let database = database
        let calendar = calendar
        return try await StoreTimeout.run(limit) {
            if let time = rows.finishedAt { try await self.makePartitions(for: time, on: database) }
            return try await database.write { try SpoolImport(rows: rows, calendar: calendar).run(on: $0) }
        }
    }

    private static func everything(in database: any SQLDatabase) async throws -> [SpooledRows] {
        try await database.read { connection in
            try connection.query("SELECT id FROM questions ORDER BY id", []).compactMap { row in
                try row.ulid("id").flatMap { try SpooledRows($0, on: connection) }
            }
        }
    }

    /// Reads all users of the store, so that a disabled user stays disabled while the store is unavailable.
    func learnPeople(_ spool: Spool, within limit: Duration = .seconds(30)) async throws {
        let database = database
        let people = try await StoreTimeout.run(limit) { try await database.read { try Self.users(on: $0) } }
        let byEmail = Dictionary(people.map { ($0.email, $0) }, uniquingKeysWith: { first, _ in first })
        spool.state.withLockedValue { $0.people = byEmail }
    }

    /// Moves what the store accepts, leaves the rest on disk for the next process, and logs how many questions those
    /// are.
    func closeSpool() async {
        guard let spool else { return }
        if spool.state.withLockedValue({ !$0.questions.isEmpty }) {
            do {
                // The store may have become available since the last probe, or may only have been slow.
                try await proveWritable(spool)
                if spool.isAway { try await StoreTimeout.run(Self.timeout) { _ = try await self.migrate() } }
                try await drain(spool)
            } catch {
                logger.debug("The store is unavailable at the end.", metadata: ["error": "\(error)"])
            }
        }
        let left = spool.state.withLockedValue { $0.questions.count }
        await spool.file.close()
        guard left > 0 else { return }
        logger.notice(
            "The store is unavailable; what is in the spool stays on the disk and goes to the store at the next start.",
            metadata: ["questions": "\(left)"])
    }
}

extension SpooledRows {
    /// `questions.thread_key`.
    var thread: String { if case .text(let thread?) = question["thread_key"] { thread } else { "" } }
    var askedAt: Date { if case .time(let time?) = question["asked_at"] { time } else { .distantPast } }
}
