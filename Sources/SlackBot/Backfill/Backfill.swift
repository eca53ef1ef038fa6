import Analytics
import Bridge
import Foundation
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle

/// Reads the messages that were sent while no Socket Mode connection was live, and has the questions among them
/// answered. None is answered twice: a message has the same origin key in an event and in a history.
///
/// Socket Mode reports the gaps of this process to ``handle(_:)``. The gap before its start is computed from the store:
/// from the last heartbeat of any process, unless another process is live. For that gap the whole reach is read,
/// because the previous process may have lost its connections before its last heartbeat.
struct Backfill: Service {
    let api: SlackAPI
    let installation: Installation
    let store: Store
    let process: ProcessRow
    let acceptor: QuestionAcceptor
    let live: LiveSettings
    let alerts: AdminAlerts
    let limits: BackfillLimits
    let logger: Logger
    private let reported = ChangeSignal()
    private let pending = NIOLockedValueBox(Pending())
    /// Methods and error codes that were logged as a reason to skip a conversation.
    private let warned = NIOLockedValueBox<Set<String>>([])

    private let counts = NIOLockedValueBox(Tally())

    /// What was done since the start of the process.
    struct Tally: Sendable, Hashable {
        /// Reports of Socket Mode that were dealt with, with or without a gap.
        var looks = 0
        /// Gaps that were read.
        var gaps = 0
        /// Questions that were found and stored.
        var questions = 0
    }

    /// The counts so far.
    var tally: Tally { counts.withLockedValue { $0 } }

    /// Reports of Socket Mode that were not dealt with yet.
    private struct Pending {
        var hasBegun = false
        var gap: Gap?
    }

    init(
        api: SlackAPI, installation: Installation, store: Store, process: ProcessRow, acceptor: QuestionAcceptor,
        live: LiveSettings, alerts: AdminAlerts, limits: BackfillLimits = BackfillLimits(), logger: Logger
    ) {
        self.api = api
        self.installation = installation
        self.store = store
        self.process = process
        self.acceptor = acceptor
        self.live = live
        self.alerts = alerts
        self.limits = limits
        self.logger = logger
    }

    /// Takes a report of Socket Mode and returns at once. Gaps that are reported while one is being filled are joined
    /// and filled next.
    func handle(_ change: GapDetector.Change) {
        pending.withLockedValue { pending in
            switch change {
            case .began: pending.hasBegun = true
            case .missed(let gap): pending.gap = pending.gap?.joined(with: gap) ?? gap
            }
        }
        reported.send()
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in reported.changes {
                let work = pending.withLockedValue { pending in
                    defer { pending = Pending() }
                    return pending
                }
                if work.hasBegun, let before = await gapBeforeStart() {
                    // How long the previous process had no live connection is unknown, so the whole reach is read.
                    await fill(work.gap?.joined(with: before) ?? before, oldest: limits.earliest(.now))
                } else if let gap = work.gap {
                    // As of its end: what became too old since is told in its thread.
                    await fill(gap, oldest: limits.oldest(of: gap, now: min(gap.until, .now)))
                }
                counts.withLockedValue { $0.looks += 1 }
            }
        }
    }

    /// The gap before the start of this process. nil when another process is live, when none was registered within a
    /// day, and on cancellation. Waits while the store cannot tell.
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

    /// Reads a gap, again after pauses while something could not be read, and reports the result.
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
            // Without the store known questions cannot be told from new ones; wait for it while the gap is within
            // reach.
            let isWaiting = store.isAway && Date() < gap.until.addingTimeInterval(limits.reach / .seconds(1))
            guard !reading.isComplete, let wait = isWaiting ? limits.repeats.first : waits.popFirst() else { break }
            do { try await Task.sleep(for: wait) } catch { return }
        }
        report(gap, reading)
    }

    /// The result of reading a gap so far.
    private struct Reading {
        /// Questions stored, by all passes together, also by one that threw.
        var taken = 0
        /// Of these, the questions that had become too old; they are not answered, and their threads say so.
        var left = 0
        /// Conversations and threads that were not read in the last pass.
        var unread = 0
        /// False when some target must be read again.
        var isComplete = false
    }

    /// Reads every target once and stores the new questions. Throws ``StoreError``, and ``SlackError`` when `auth.test`
    /// fails.
    private func read(after start: Date, into reading: inout Reading) async throws {
        (reading.isComplete, reading.unread) = (false, 0)
        let bot = try await installation.identity()
        let mentions = live.current.slack.mentions
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
                    if let question = place.question(message, bot: bot, mentions: mentions) {
                        found.add(question, notBefore: start)
                    }
                }
                places += place.threads(in: messages, after: oldest).filter { !places.contains($0) }
            } catch let error as SlackError {
                if skips(error) { continue }
                isComplete = false
                reading.unread += 1
            }
        }
        reading.unread += places.count - next
        if next < places.count {
            logger.warning(
                "Not all conversations were read back.", metadata: ["read": "\(next)", "of": "\(places.count)"])
        }
        let known = try await store.knownOriginKeys(among: found.keys)
        try await accept(found.fresh(known: known), into: &reading)
        reading.isComplete = isComplete
    }

    /// Stores the questions in rounds, with a pause between two. Throws ``StoreError``, and `CancellationError`.
    private func accept(_ questions: [SlackQuestion], into reading: inout Reading) async throws {
        for (index, question) in questions.enumerated() {
            if index > 0, index.isMultiple(of: limits.round) { try await Task.sleep(for: limits.pause) }
            var question = question
            question.isTooLate = limits.isTooLate(question, now: .now)
            guard try await acceptor.acceptFound(question) else { continue }
            reading.taken += 1
            if question.isTooLate { reading.left += 1 }
        }
    }

    /// The conversations and threads to read. `isComplete` becomes false when the direct messages could not be listed.
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
            // The active threads of the store are read all the same.
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

    /// No more messages of one target are read; people do not write that many within the reach.
    private static let longestHistory = 5_000

    /// Whether a target is skipped for good, because the bot is not in the conversation or may not read it. Logged once
    /// a method and code.
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

    /// Error codes of targets that are skipped for good.
    private static let closed: Set<String> = [
        "missing_scope", "not_in_channel", "channel_not_found", "thread_not_found", "message_not_found", "is_archived",
        "no_permission", "access_denied", "method_not_supported_for_channel_type", "team_access_not_granted",
    ]

    /// Writes the result to the metrics and the log, and posts to the admin channel when not all is answered.
    private func report(_ gap: Gap, _ reading: Reading) {
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
            logger.error("Part of the messages of a gap could not be read back.", metadata: ["seconds": "\(seconds)"])
        }
        guard reading.left > 0 || reading.unread > 0 else { return }
        logger.warning(
            "Not all questions of a gap are answered.",
            metadata: [
                "answered": "\(reading.taken - reading.left)", "left": "\(reading.left)", "unread": "\(reading.unread)",
            ])
        alerts.tell(
            UserMessages.leftUnanswered(
                reading.left, unread: reading.unread, answered: reading.taken - reading.left, gap: gap.length))
    }
}
