import Analytics
import Bridge
import Dispatch
import Foundation
import Logging
import Metrics
import NIOConcurrencyHelpers
import ServiceLifecycle
import UnixSignals

/// Puts changed configuration files in force while the bot runs: all of them, or on an error none.
///
/// A change on disk, SIGHUP and ``reload(by:)`` begin a reload; reloads run one at a time, in order. Environment
/// variables and `.env` are read at the start only.
final class Reloader: Service, Sendable {
    private struct State: Sendable {
        /// Of the last reload that was applied.
        var needsRestart: [String] = []
        var last: ReloadOutcome
        /// The errors that were reported last, until a reload has none.
        var reported: [ConfigProblem] = []
        var watch = FileWatch()
    }

    /// How often files that change while they are read are read again, and the pause before.
    private static let readings = (most: 20, pause: 0.1)

    /// Between two checks of the files.
    static let interval = Duration.seconds(2)

    private let live: LiveSettings
    private let started: Settings
    private let environment: EnvironmentVariables
    private let registry: ToolRegistry
    private let store: Store
    private let interval: Duration
    private let reloadsOnHUP: Bool
    private let logger: Logger
    private let alerts: AdminAlerts
    private let state: NIOLockedValueBox<State>
    /// Serial: file access stays off the cooperative thread pool, and reloads do not overlap.
    private let queue = DispatchQueue(label: "omni.config")

    /// - Parameters:
    ///   - problems: what the start found in the files.
    ///   - reloadsOnHUP: whether SIGHUP reloads; if false its default action ends the process.
    ///   - interval: between two checks of the files.
    init(
        _ app: App, environment: EnvironmentVariables, problems: [ConfigProblem] = [], reloadsOnHUP: Bool,
        interval: Duration = Reloader.interval
    ) {
        alerts = app.alerts
        live = app.live
        started = app.live.current
        self.environment = environment
        registry = app.registry
        store = app.store
        self.interval = interval
        self.reloadsOnHUP = reloadsOnHUP
        logger = app.logger
        var first = ReloadOutcome(.unchanged, generation: live.generation, digest: started.digest)
        first.problems = problems
        state = NIOLockedValueBox(State(last: first))
    }

    /// Outcome of the latest reload; before the first `unchanged`, with the problems that the start found.
    var last: ReloadOutcome { state.withLockedValue { $0.last } }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.watch() }
                if self.reloadsOnHUP { group.addTask { await self.reloadOnHangups() } }
            }
        }
    }

    /// Reads the files and puts their settings in force. Never throws: errors are in the outcome.
    ///
    /// - Parameter actor: the user or trigger that began the reload, for the audit log.
    func reload(by actor: String) async -> ReloadOutcome {
        let outcome = await onQueue { self.transaction() }
        await report(outcome, actor)
        return outcome
    }

    /// Reloads files that were found changed, unless one of them may be half-written.
    private func reloadChanged() async {
        let outcome = await onQueue { () -> ReloadOutcome? in
            let files = self.read()
            return self.mustWait(files) ? nil : self.transaction(files)
        }
        guard let outcome else { return }
        // Files that change while they are read are tried again at each check.
        let isKnown = state.withLockedValue { outcome.state == .rejected && $0.reported == outcome.errors }
        if !isKnown { await report(outcome, "file") }
    }

    private func watch() async {
        while !Task.isCancelled {
            let isDue = await onQueue {
                let stamps = FileWatch.stamps(of: self.paths)
                return self.state.withLockedValue { $0.watch.isDue(stamps) }
            }
            if isDue { await reloadChanged() }
            try? await Task.sleep(for: interval)
        }
    }

    private func reloadOnHangups() async {
        for await _ in await UnixSignalsSequence(trapping: .sighup) { _ = await reload(by: "SIGHUP") }
    }

    private func onQueue<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: work()) }
        }
    }

    private var paths: [String] { SettingsLoader.fileNames.map { "\(started.folder)/\($0)" } }

    private func transaction() -> ReloadOutcome { transaction(read()) }

    /// Whether a file has only the beginning of what is in use, for a short time: the rest may follow.
    private func mustWait(_ files: Files) -> Bool {
        guard files.settings?.files.hasBeginning(of: live.current.files) == true else { return false }
        return state.withLockedValue { state in
            guard state.watch.quietPolls < FileWatch.requiredQuietPolls else { return false }
            state.watch.reopen()
            return true
        }
    }

    private func transaction(_ files: Files) -> ReloadOutcome {
        let outcome = apply(files.settings, files.problems)
        state.withLockedValue { state in
            if files.isSteady { state.watch.settle(files.stamps) } else { state.watch.reopen() }
            state.last = outcome
            if outcome.state == .applied { state.needsRestart = outcome.needsRestart }
        }
        return outcome
    }

    /// The files as they were read once.
    private struct Files {
        /// nil when one of the problems is an error.
        let settings: Settings?
        let problems: [ConfigProblem]
        let stamps: [FileWatch.Stamp?]
        /// False when something wrote to them; that is an error among the problems.
        let isSteady: Bool
    }

    private func read() -> Files {
        var reading = 1
        while true {
            // Taken before the files are read, so that the next check finds what is written in between.
            let stamps = FileWatch.stamps(of: paths)
            let (loaded, problems) = SettingsLoader.load(
                folder: started.folder, environment: environment, replacing: live.current)
            if FileWatch.stamps(of: paths) == stamps {
                return Files(settings: loaded, problems: problems, stamps: stamps, isSteady: true)
            }
            guard reading >= Self.readings.most else {
                reading += 1
                // On the queue of ``onQueue(_:)``, not on the cooperative pool.
                Thread.sleep(forTimeInterval: Self.readings.pause)
                continue
            }
            let unsteady = ConfigProblem(
                .error, file: started.folder, message: "is being written",
                hint: "the old rules stay until its files are saved")
            return Files(
                settings: nil, problems: (problems + [unsteady]).inReadingOrder(), stamps: stamps, isSteady: false)
        }
    }

    private func apply(_ loaded: Settings?, _ problems: [ConfigProblem]) -> ReloadOutcome {
        let running = live.current
        guard let loaded, loaded.digest != running.digest else {
            var outcome = ReloadOutcome(
                loaded == nil ? .rejected : .unchanged, generation: live.generation, digest: running.digest)
            outcome.needsRestart = state.withLockedValue { $0.needsRestart }
            outcome.problems = problems
            return outcome
        }
        let diff = SettingsDiff(started: started, running: running, loaded: loaded)
        // Removed servers go before their policy rules do; added servers come when their rules are in force.
        registry.apply(diff.kept)
        let generation = live.swap(diff.settings)
        registry.apply(diff.settings.servers)
        var outcome = ReloadOutcome(.applied, generation: generation, digest: loaded.digest)
        outcome.changed = diff.changed
        outcome.needsRestart = diff.needsRestart
        outcome.servers = diff.servers
        outcome.problems = problems
        return outcome
    }

    private func report(_ outcome: ReloadOutcome, _ actor: String) async {
        let errors = outcome.errors
        let before = state.withLockedValue { state in
            defer { state.reported = errors }
            return state.reported
        }
        if outcome.state == .rejected {
            alerts.tell(UserMessages.reloadRejected(outcome))
        } else if !before.isEmpty {
            alerts.tell(UserMessages.reloadAccepted)
        }
        Counter(label: "omni_config_reloads_total", dimensions: [("outcome", outcome.state.rawValue)]).increment()
        Gauge(label: "omni_config_reload_success").record(outcome.state == .rejected ? 0 : 1)
        var metadata: Logger.Metadata = ["by": "\(actor)", "generation": "\(outcome.generation)"]
        switch outcome.state {
        case .unchanged: return logger.debug("The configuration is unchanged.", metadata: metadata)
        case .applied:
            metadata["changed"] = "\(outcome.changed.joined(separator: ", "))"
            metadata["needs_restart"] = "\(outcome.needsRestart.joined(separator: ", "))"
            logger.info("The configuration was reloaded.", metadata: metadata)
        case .rejected:
            metadata["problems"] = "\(outcome.errors.map(\.description).joined(separator: "; "))"
            logger.error("The configuration has errors; the old one stays.", metadata: metadata)
        }
        let action = outcome.state == .applied ? "config.reloaded" : "config.rejected"
        do {
            try await store.note(
                AdminEvent(actor: actor, action: action, subject: outcome.digest, detail: outcome.json))
        } catch {
            logger.warning("A reload could not be recorded.", metadata: ["error": "\(error)"])
        }
    }
}
