import Analytics
import Bridge
import Foundation
import Logging
import ServiceLifecycle

/// Posts the scheduled digest, of several processes one. The settings in force count, so a reload takes effect.
struct DigestService: Service {
    /// Clocks and intervals, which tests shorten.
    struct Timing: Sendable {
        var now: @Sendable () -> Date = { Date() }
        /// Between two looks at the schedule.
        var interval = Duration.seconds(10)
        /// After a try that failed: each one asks Slack for the channel.
        var pause = Duration.seconds(60)
        /// The age from which a claim without a result is taken over.
        var takeOverAge = Duration.seconds(120)
    }

    /// A request may take 40 s: what is sent in this time after a claim is in Slack before the claim is taken over.
    private static let sendTime = Duration.seconds(75)

    let api: SlackAPI
    let store: Store
    let live: LiveSettings
    let process: ProcessRow
    var timing = Timing()
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var pending = PendingDigest(start: timing.now())
            var problems = DigestProblems()
            while !Task.isCancelled {
                let isFine = await look(&pending, &problems)
                try? await Task.sleep(for: isFine ? timing.interval : timing.pause)
            }
        }
    }

    /// False when a digest is due and could not be sent.
    private func look(_ pending: inout PendingDigest, _ problems: inout DigestProblems) async -> Bool {
        let settings = live.current.slack.digest
        let schedule = DigestSchedule(settings, timeZone: store.calendar.timeZone)
        switch pending.step(at: timing.now(), schedule) {
        case .wait: break
        case .giveUp(let due): await giveUp(due, problems.last(of: due) ?? "late")
        case .send(let due):
            do {
                if try await send(due, settings, problems.last(of: due)) { pending.settle() }
            } catch is CancellationError {
                return false
            } catch {
                note(error, of: due, &problems)
                return false
            }
        }
        return true
    }

    /// False when another process works on the digest.
    ///
    /// - Parameter problem: of an earlier try of this process.
    private func send(_ due: Date, _ settings: DigestSettings, _ problem: String?) async throws -> Bool {
        switch try await store.digestState(due: due, takingOverAfter: timing.takeOverAge) {
        case .over: return true
        case .held: return false
        case .due: break
        }
        // Before the claim: a wrong channel costs no attempt, and may be corrected meanwhile.
        let channel = try await api.channelID(settings.channel)
        let (message, cost) = try await DigestReports.read(settings.period, due: due, in: store)
        let chart = drawn(cost)
        let deadline = ContinuousClock.now + Self.sendTime
        let result = try await store.claimDigest(
            due: due, owner: process.id, channel: channel, takingOverAfter: timing.takeOverAge)
        switch result {
        case .over: return true
        case .held: return false
        case .exhausted:
            await giveUp(due, problem ?? "no answer")
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

    /// Logs each problem of a digest once; it may be tried for hours.
    private func note(_ error: any Error, of due: Date, _ problems: inout DigestProblems) {
        let code = (error as? SlackError)?.code ?? (error as? StoreError)?.code.rawValue ?? "error"
        guard problems.note(code, of: due) else { return }
        var metadata: Logger.Metadata = ["due": "\(Timestamp.text(due))", "error": "\(error)"]
        if error is SlackError { metadata["digest.channel in slack.yaml"] = "\(live.current.slack.digest.channel)" }
        logger.error("The digest could not be sent yet; it is tried again.", metadata: metadata)
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
