import Bridge
import Foundation

extension Store {
    /// Ends a question: writes its terminal state, audit row, tool calls, roll-ups and posts in one transaction. False,
    /// and nothing is written, if the claim is superseded or the question has ended.
    package func finish(_ finished: FinishedQuestion, _ claim: Claim) async throws -> Bool {
        if spool?.contains(claim.id) != true, !isAway { try await partitionsOrSpool(for: finished.finishedAt) }
        let done: Bool
        do {
            done = try await end(finished, claim)
        } catch let error as StoreError where error.code == .commitUnknown && spool == nil {
            logger.warning("looking whether a question was ended", metadata: ["question": "\(claim.id)"])
            // The terminal state is stored under this epoch, or it is not and may be written now.
            done = try await isEnded(claim) ? true : try await end(finished, claim)
        }
        // The lease stays while messages are to be sent.
        if !done || finished.posts.isEmpty { letGo(claim) }
        return done
    }

    /// Creates the month's partitions. If the store is unavailable they are created when the row is imported.
    private func partitionsOrSpool(for time: Date) async throws {
        do {
            try await ensurePartitions(for: time)
        } catch let error as StoreError where error.saysAway && spool != nil {}
    }

    private func end(_ finished: FinishedQuestion, _ claim: Claim) async throws -> Bool {
        let audit = AuditRow(finished)
        let calls = finished.calls
        let calendar = calendar
        let done = try await writeClaimed(claim.id) { connection in
            guard try Self.close(finished, claim, connection) else { return false }
            try Self.insert(audit, calls: calls, calendar, on: connection)
            for post in finished.posts { try Self.put(post, epoch: claim.epoch, on: connection) }
            return true
        }
        if done { heldClaims.withLockedValue { $0.note(.ended(finished.outcome.state), finished.posts, of: claim.id) } }
        return done
    }

    private static func close(
        _ finished: FinishedQuestion, _ claim: Claim, _ connection: any SQLConnection
    ) throws -> Bool {
        let event = QuestionStateMachine.Event.finish(
            epoch: claim.epoch, finished.outcome.state, undelivered: !finished.posts.isEmpty)
        guard try change(claim.id, by: event, on: connection) != nil else { return false }
        var answer: String?
        var (warning, code, errorID): (String?, String?, String?) = (nil, nil, nil)
        switch finished.outcome {
        case .answered(let value): (answer, warning) = (value.text, value.warning?.rawValue)
        case .refused: code = ErrorCode.refused.rawValue
        case .failed(let failure), .interrupted(let failure):
            (code, errorID) = (failure.error.code.rawValue, failure.errorID)
        case .cancelled: code = ErrorCode.cancelled.rawValue
        }
        var statement = SQLStatement(connection.dialect)
        let sql = """
            UPDATE questions SET finished_at = \(statement.bind(.time(finished.finishedAt))),
                answer = \(statement.bind(.text(answer))), warning = \(statement.bind(.text(warning))),
                is_private = \(statement.bind(.bool(finished.isPrivate))),
                error_code = \(statement.bind(.text(code))), error_id = \(statement.bind(.text(errorID))),
                asker_email = \(statement.bind(.text(finished.question.asker.email))),
                asker_name = \(statement.bind(.text(finished.question.asker.name))),
                asker_role = \(statement.bind(.text(finished.question.asker.role)))
            WHERE id = \(statement.bind(.text(claim.id.text)))
            """
        try connection.enqueue(sql, statement.values)
        return true
    }

    private func isEnded(_ claim: Claim) async throws -> Bool {
        guard let row = try await question(claim.id) else { return false }
        return row.state.isTerminal && row.epoch == claim.epoch
    }
}
