import Analytics
import Bridge

/// The part of HTTP and of the command line in the work on a question. A caller that waits in this process receives the
/// events; of a question that another process has left only the outcome is stored.
struct CallerEntryPoint: EntryPointHandler {
    struct Context: QuestionContext {
        let claim: Claim
        let question: Question
        var stop: StopRequest?
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

    func admit(_ claim: Claim) async -> Admission<Context> {
        if let caller { return .begin(Context(claim: claim, question: caller.question)) }
        let row = claim.question
        do {
            return .begin(context(claim, by: try await users.principal(email: row.askerEmail)))
        } catch let error as UserDisabled {
            let asker = Principal(
                email: row.askerEmail, name: row.askerName, role: row.askerRole, source: .builtIn("store"))
            return .end(
                context(claim, by: asker),
                .refused(Refusal(message: "\(error)", rule: "identity", usage: Usage())))
        } catch {
            return .release
        }
    }

    private func context(_ claim: Claim, by asker: Principal) -> Context {
        let row = claim.question
        return Context(
            claim: claim,
            question: Question(
                id: row.id, asker: asker, text: row.text, place: row.place, threadKey: row.threadKey, kind: row.kind,
                askedAt: row.askedAt, call: row.call))
    }

    func plannedPosts(_ context: Context) -> [PostRow] { [] }

    func prepared(_ context: Context, under snapshot: SettingsSnapshot) async -> Question { context.question }

    func show(_ events: AsyncStream<AnswerEvent>, of context: Context, planned: [PostRow]) async -> Context {
        for await event in events { await caller?.onEvent(event) }
        return context
    }

    func posts(for outcome: QuestionOutcome, _ context: Context) async -> [PostRow] { [] }

    func posts(for wait: Wait, _ context: Context) -> [PostRow] { [] }

    func deliver(_ posts: [PostRow], of context: Context, isWaiting: Bool) async -> Bool { true }

    func deliverRest(of claim: Claim) async -> Bool { true }
}
