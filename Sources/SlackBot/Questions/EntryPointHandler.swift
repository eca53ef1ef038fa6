import Analytics
import Bridge

/// What an entry point contributes to the work of ``QuestionWorker``: who asks, where progress is shown, what is sent.
protocol EntryPointHandler: Sendable {
    associatedtype Context: QuestionContext

    /// Whether no asker waits for the answer any more, so that cancelled work ends the question. Else it is released, and
    /// the next claim goes on.
    var isAbandoned: Bool { get }

    /// Identifies the asker and checks the place.
    func admit(_ claim: Claim) async -> Admission<Context>
    /// The messages to plan before the work begins; those of earlier claims stay as they are.
    func plannedPosts(_ context: Context) -> [PostRow]
    /// The question as the bridge takes it, with what only the entry point can read.
    func prepared(_ context: Context, under snapshot: SettingsSnapshot) async -> Question
    /// Shows the progress until `events` ends, which means that the answer is ready, the asker stops it, or the task is
    /// cancelled.
    ///
    /// - Parameter planned: the outbox.
    func show(_ events: AsyncStream<AnswerEvent>, of context: Context, planned: [PostRow]) async -> Context
    /// The messages of the outcome, which are stored with it.
    func posts(for outcome: QuestionOutcome, _ context: Context) async -> [PostRow]
    /// The messages of the wait, which are stored with it. Only for a place where the asker can be asked back
    /// (``Place/canAskBack``).
    func posts(for wait: Wait, _ context: Context) -> [PostRow]
    /// Sends the stored messages of the outcome or of the wait. False when some are left to the next claim.
    func deliver(_ posts: [PostRow], of context: Context, isWaiting: Bool) async -> Bool
    /// Sends what an earlier claim of an ended or waiting question left to send. False when some is still left.
    func deliverRest(of claim: Claim) async -> Bool
}

/// A claimed question with what is known of it so far.
protocol QuestionContext: Sendable {
    var claim: Claim { get }
    var question: Question { get }
    /// Where it came from, for the audit log.
    var origin: QuestionOrigin { get }
    /// The request to stop it, so that the work on it is cancelled; nil: none is known.
    var stop: StopRequest? { get set }
}

/// Whether a claimed question is worked on.
enum Admission<Context: QuestionContext>: Sendable {
    case begin(Context)
    /// It ends without an answer of the bridge.
    case end(Context, QuestionOutcome)
    /// The asker cannot be identified now; the next claim tries again.
    case release
}
