import Analytics
import Bridge
import Foundation
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle

/// Reads back what was asked while no process received events, and has it answered once: the origin key of a message is
/// the same whether it came as an event or is found in a history.
///
/// A gap in this process is told by Socket Mode. One before its start is found in the record: the last sign of life of
/// any process, unless another one lives. Then the whole reach is read, because the process before may have been deaf
/// for a while before it ended.
struct Backfill: Service {
    let api: SlackAPI
    let installation: Installation
    let store: Store
    let process: ProcessRow
    let receiver: EnvelopeReceiver
    let live: LiveSettings
    let limits: BackfillLimits
    let logger: Logger
    private let signals: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let pending = NIOLockedValueBox(Pending())
    /// Codes for which a conversation was skipped and warned of.
    private let warned = NIOLockedValueBox<Set<String>>([])

    private let counts = NIOLockedValueBox(Tally())

    /// What was done since the start.
    struct Tally: Sendable, Hashable {
        /// How often something was heard of and dealt with, gap or not.
        var looks = 0
        /// Gaps that were read back.
        var gaps = 0
        /// Questions that were found and taken up.
        var questions = 0
    }

    var tally: Tally { counts.withLockedValue { $0 } }

    private struct Pending {
        var hasBegun = false
        var gap: Gap?
    }

    init(
        api: SlackAPI, installation: Installation, store: Store, process: ProcessRow, receiver: EnvelopeReceiver,
        live: LiveSettings, limits: BackfillLimits = BackfillLimits(), logger: Logger
    ) {
        self.api = api
        self.installation = installation
        self.store = store
        self.process = process
        self.receiver = receiver
        self.live = live
        self.limits = limits
        self.logger = logger
        (signals, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Slack is heard at last, or again. Gaps that come while one is filled are filled as one after it.
    func handle(_ change: GapDetector.Change) {
        pending.withLockedValue { pending in
            switch change {
            case .began: pending.hasBegun = true
            case .missed(let gap): pending.gap = pending.gap?.joined(with: gap) ?? gap
            }
        }
        continuation.yield()
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in signals {
                let work = pending.withLockedValue { pending in
                    defer { pending = Pending() }
                    return pending
                }
                if work.hasBegun, let before = await gapBeforeStart() {
                    // How long no process received events before this one started is not known.
                    await fill(work.gap?.joined(with: before) ?? before, oldest: limits.earliest(.now))
                } else if let gap = work.gap {
                    await fill(gap, oldest: limits.oldest(of: gap, now: .now))
                }
                counts.withLockedValue { $0.looks += 1 }
            }
        }
    }

    /// nil when another process received events before this one did, or none has run before.
    private func gapBeforeStart() async -> Gap? {
        while !Task.isCancelled {
            do {
                switch try await store.previousProcess(of: process) {
                case .never, .live: return nil
                case .gone(let age):
                    let now = Date()
                    return Gap(since: now.addingTimeInterval(-(age / .seconds(1))), until: now)
                case .perhaps: break
                }
            } catch {
                logger.debug("The processes before could not be read.", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: .seconds(1))
        }
        return nil
    }

    private func fill(_ gap: Gap, oldest: Date) async {
        var reading = Reading()
        var waits = limits.repeats[...]
        while true {
            do {
                try await read(after: oldest, into: &reading)
            } catch {
                guard !Task.isCancelled else { return }
                logger.warning("A gap could not be read back.", metadata: ["error": "\(error)"])
            }
            // What was asked cannot be told from what is stored before the record is back; that is worth the wait.
            let isWaiting = store.isAway && Date() < gap.until.addingTimeInterval(limits.reach / .seconds(1))
            guard !reading.isComplete, let wait = isWaiting ? limits.repeats.first : waits.popFirst() else { break }
            do { try await Task.sleep(for: wait) } catch { return }
        }
        await report(gap, reading)
    }

    /// What was read of a gap so far.
    private struct Reading {
        /// Of all passes, also of one that broke off.
        var taken = 0
        var left = 0
        /// False when something must be read again.
        var isComplete = false
    }

    /// Reads every place once and takes up what is new; throws when the record cannot be asked.
    private func read(after start: Date, into reading: inout Reading) async throws {
        reading.isComplete = false
        let bot = try await installation.identity()
        let oldest = BackfillLimits.ts(start)
        var isComplete = true
        var places = try await places(&isComplete)
        var found = BackfillCandidates()
        var next = 0
        while next < places.count, next < limits.places {
            let place = places[next]
            next += 1
            do {
                let messages = try await messages(of: place, after: oldest)
                for message in messages {
                    if let key = MessageKey(of: message) { found.add(answered: key.question) }
                    if let question = place.question(message, bot: bot) {
                        found.add(question, notBefore: start)
                    }
                }
                places += place.threads(in: messages, after: oldest).filter { !places.contains($0) }
            } catch let error as SlackError {
                if !skips(error) { isComplete = false }
            }
        }
        if next < places.count {
            logger.warning(
                "Not all conversations were read back.", metadata: ["read": "\(next)", "of": "\(places.count)"])
        }
        let known = try await store.knownOriginKeys(among: found.keys)
        let (fresh, left) = found.fresh(known: known, atMost: limits.questions - reading.taken)
        for question in fresh where try await receiver.accept(question) { reading.taken += 1 }
        (reading.left, reading.isComplete) = (left, isComplete)
    }

    private func places(_ isComplete: inout Bool) async throws -> [BackfillTarget] {
        let activeThreads = try await store.activeThreads(at: .slack, within: limits.activity)
        var directs: [String] = []
        var cursor: String?
        do {
            repeat {
                let page = try await api.directConversations(cursor: cursor)
                directs += page.items
                cursor = page.next(after: cursor)
            } while cursor != nil && directs.count < limits.places
        } catch let error as SlackError {
            // Those that the record knows are read all the same.
            if !skips(error) { isComplete = false }
        }
        return BackfillTarget.all(activeThreads, directs: directs)
    }

    private func messages(of place: BackfillTarget, after oldest: String) async throws -> [JSONValue] {
        var messages: [JSONValue] = []
        var cursor: String?
        repeat {
            let page =
                if let thread = place.thread {
                    try await api.replies(in: place.channel, thread: thread, oldest: oldest, cursor: cursor)
                } else {
                    try await api.history(of: place.channel, oldest: oldest, cursor: cursor)
                }
            messages += page.items
            cursor = page.next(after: cursor)
        } while cursor != nil && messages.count < Self.longestHistory
        return messages
    }

    /// More was not said in a quarter of an hour by people.
    private static let longestHistory = 5_000

    /// Whether a place is left out for good: the bot is not there, or may not read. Said once for each reason.
    private func skips(_ error: SlackError) -> Bool {
        guard Self.closed.contains(error.code) else {
            logger.warning("A conversation could not be read back.", metadata: ["error": "\(error)"])
            return false
        }
        if warned.withLockedValue({ $0.insert("\(error.method) \(error.code)").inserted }) {
            logger.warning(
                "Conversations of a kind are not read back after a gap.", metadata: ["error": "\(error)"])
        }
        return true
    }

    private static let closed: Set<String> = [
        "missing_scope", "not_in_channel", "channel_not_found", "thread_not_found", "message_not_found", "is_archived",
        "no_permission", "access_denied", "method_not_supported_for_channel_type", "team_access_not_granted",
    ]

    private func report(_ gap: Gap, _ reading: Reading) async {
        SocketModeMetrics.backfilled(reading.taken)
        counts.withLockedValue { counts in
            counts.gaps += 1
            counts.questions += reading.taken
        }
        let seconds = gap.length.components.seconds
        logger.info(
            "Back-filled \(reading.taken) questions after a gap of \(seconds) s.",
            metadata: ["questions": "\(reading.taken)", "seconds": "\(seconds)", "left": "\(reading.left)"])
        if !reading.isComplete {
            logger.error("Part of what was said in a gap could not be read back.", metadata: ["seconds": "\(seconds)"])
        }
        guard reading.left > 0 else { return }
        logger.warning(
            "A gap held more questions than are taken up; the newest are left unanswered.",
            metadata: ["answered": "\(reading.taken)", "left": "\(reading.left)"])
        guard let channel = live.current.slack.adminChannel else { return }
        do {
            let text = UserMessages.leftUnanswered(reading.left, answered: reading.taken, gap: gap.length)
            _ = try await api.post(AnswerMessages.section(text), in: channel, thread: nil)
        } catch {
            logger.warning("The administrators were not told.", metadata: ["error": "\(error)"])
        }
    }
}
