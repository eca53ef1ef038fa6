import Analytics
import Bridge

/// The part of HTTP and of the command line in the work on a question. A caller that waits in this process receives the
/// events; of a question that another process has left only the outcome is stored.
struct CallerEntryPoint: EntryPointHandler {
    struct Asked: AskedQuestion {
        let claim: Claim
        let question: Question
        var origin: QuestionOrigin { claim.question.origin }
    }

    /// The caller that waits in this process.
    struct Caller: Sendable {
        let question: Question
        let onEvent: @Sendable (AnswerEvent) async -> Void
    }

    let users: CallerUsers
    let inFlight: InFlightQuestions
    /// nil: another process has left the question.
    var caller: Caller?

    /// A caller that has gone away needs no answer; when this process stops, another one answers.
    var isAbandoned: Bool { caller != nil && !inFlight.isClosed }

    func admit(_ claim: Claim) async -> Admission<Asked> {
        if let caller { return .begin(Asked(claim: claim, question: caller.question)) }
        let row = claim.question
        do {
            return .begin(asked(claim, by: try await users.principal(email: row.askerEmail)))
        } catch let error as UserDisabled {
            let asker = Principal(
                email: row.askerEmail, name: row.askerName, role: row.askerRole, source: .builtIn("store"))
            return .end(
                asked(claim, by: asker),
                .refused(Refusal(message: "\(error)", rule: "identity", usage: Usage())))
        } catch {
            return .release
        }
    }

    private func asked(_ claim: Claim, by asker: Principal) -> Asked {
        let row = claim.question
        return Asked(
            claim: claim,
            question: Question(
                id: row.id, asker: asker, text: row.text, place: row.place, threadKey: row.threadKey, kind: row.kind,
                askedAt: row.askedAt, call: row.call))
    }

    func plannedPosts(_ asked: Asked) -> [PostRow] { [] }

    func prepared(_ asked: Asked, under snapshot: SettingsSnapshot) async -> Question { asked.question }

    func show(_ events: AsyncStream<AnswerEvent>, of asked: Asked, planned: [PostRow]) async -> Asked {
        for await event in events { await caller?.onEvent(event) }
        return asked
    }

    func posts(for outcome: QuestionOutcome, _ asked: Asked) async -> [PostRow] { [] }

    func posts(for wait: Wait, _ asked: Asked) -> [PostRow] { [] }

    func deliver(_ posts: [PostRow], of asked: Asked, isWaiting: Bool) async -> Bool { true }

    func deliverRest(of claim: Claim) async -> Bool { true }
}
