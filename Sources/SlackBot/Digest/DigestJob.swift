import Analytics
import Bridge
import Foundation
import Logging
import NIOConcurrencyHelpers

/// Posts the scheduled digest. The settings in force count, so a reload takes effect.
///
/// A process that goes on with the job of another one looks back as at its start; the store knows what was sent.
struct DigestJob: Sendable {
    /// Clocks and intervals, which tests shorten.
    struct Timing: Sendable {
        var now: @Sendable () -> Date = { Date() }
        /// Between two looks at the schedule.
        var interval = Duration.seconds(10)
        /// After a try that failed: each one asks Slack for the channel.
        var pause = Duration.seconds(60)
    }

    private struct State: Sendable {
        var pending: PendingDigest
        /// The last one of this process.
        var problem: DigestProblem?

        /// Why the digest was not sent so far; nil without a try.
        func reason(of due: Date) -> String? { problem.flatMap { $0.due == due ? $0.code : nil } }
    }

    /// A request may take 40 s: what is sent in this time after a claim is in Slack before the claim is taken over.
    private static let sendTime = Duration.seconds(75)

    private let api: SlackAPI
    private let store: Store
    private let live: LiveSettings
    private let process: ProcessRow
    private let timing: Timing
    private let logger: Logger
    private let state: NIOLockedValueBox<State>

    init(
        api: SlackAPI, store: Store, live: LiveSettings, process: ProcessRow, timing: Timing = Timing(), logger: Logger
    ) {
        self.api = api
        self.store = store
        self.live = live
        self.process = process
        self.timing = timing
        self.logger = logger
        state = NIOLockedValueBox(State(pending: PendingDigest(start: timing.now())))
    }

    var job: BackgroundJob {
        BackgroundJob(name: "digest", interval: timing.interval, pause: timing.pause, run: run)
    }

    private func run() async throws {
        let settings = live.current.slack.digest
        let schedule = DigestSchedule(settings, timeZone: store.calendar.timeZone)
        let now = timing.now()
        switch state.withLockedValue({ $0.pending.step(at: now, schedule) }) {
        case .wait: break
        case .giveUp(let due): await giveUp(due, reason(of: due) ?? "late")
        case .send(let due):
            do {
                if try await send(due, settings) { state.withLockedValue { $0.pending.settle() } }
            } catch let error where !(error is CancellationError) {
                let problem = DigestProblem(due: due, channel: settings.channel, error: error)
                state.withLockedValue { $0.problem = problem }
                throw problem
            }
        }
    }

    private func reason(of due: Date) -> String? { state.withLockedValue { $0.reason(of: due) } }

    /// False when the claim of another process is too young to be taken over.
    private func send(_ due: Date, _ settings: DigestSettings) async throws -> Bool {
        switch try await store.digestState(due: due) {
        case .over: return true
        case .held: return false
        case .due: break
        }
        // Before the claim: a wrong channel costs no attempt, and may be corrected meanwhile.
        let channel = try await api.channelID(settings.channel)
        let (message, cost) = try await DigestReports.read(settings.period, due: due, in: store)
        let chart = drawn(cost)
        let deadline = ContinuousClock.now + Self.sendTime
        switch try await store.claimDigest(due: due, owner: process.id, channel: channel) {
        case .over: return true
        case .held: return false
        case .exhausted:
            await giveUp(due, reason(of: due) ?? "no answer")
            return true
        case .claimed(let claim):
            let delivery = DigestDelivery(
                api: api, store: store, key: DigestKey(due: due), claim: claim, deadline: deadline, logger: logger)
            try await delivery.deliver(message.message, chart: chart, to: channel)
            logger.info("The digest was sent.", metadata: ["due": "\(claim.due)", "channel": "\(channel)"])
            return true
        }
    }

    private func drawn(_ report: ReportResult) -> DigestChart? {
        do {
            return try DigestChart(report)
        } catch {
            logger.warning("The chart of a digest could not be drawn.", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func giveUp(_ due: Date, _ reason: String) async {
        var metadata: Logger.Metadata = ["due": "\(Timestamp.text(due))", "reason": "\(reason)"]
        do {
            // False: another process has said it, or has sent the digest.
            guard try await store.giveUpDigest(due: due, reason: reason) else { return }
        } catch {
            metadata["error"] = "\(error)"
        }
        logger.error("The digest was given up.", metadata: metadata)
    }
}
