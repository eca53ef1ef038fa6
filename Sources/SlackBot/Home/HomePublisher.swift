import Bridge
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle

/// Publishes the App Home: when a user opens it, and after a question of a user who opened it in this process in the
/// last hour. One view at a time, so that an older one never replaces a newer one.
final class HomePublisher: Service, Sendable {
    /// Before each refresh. Questions that end within it lead to one; refreshes leave 40 of the 100 calls a minute that
    /// Slack allows (tier 4) to users who open the Home.
    private static let interval = Duration.seconds(1)

    private let reader: HomeReader
    private let api: SlackAPI
    private let logger: Logger
    private let visits = NIOLockedValueBox(HomeVisits())
    private let due = ChangeSignal()
    private let changed = ChangeSignal()

    init(reader: HomeReader, api: SlackAPI, logger: Logger) {
        self.reader = reader
        self.api = api
        self.logger = logger
    }

    /// The user has opened the Home. Never waits.
    func open(_ visitor: HomeVisitor) {
        visits.withLockedValue { $0.open(visitor, at: .now) }
        due.send()
    }

    /// A question of the user (the id in Slack; nil for another entry point) has ended or begun to wait. Never waits.
    func questionChanged(of user: String?) {
        guard let user, visits.withLockedValue({ $0.change(of: user, at: .now) }) else { return }
        changed.send()
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.publishDue() }
                group.addTask { await self.refreshChanged() }
            }
        }
    }

    private func publishDue() async {
        for await _ in due.changes {
            while !Task.isCancelled, let visitor = visits.withLockedValue({ $0.next() }) { await publish(visitor) }
        }
    }

    private func refreshChanged() async {
        for await _ in changed.changes {
            while (try? await Task.sleep(for: Self.interval)) != nil, visits.withLockedValue({ $0.refreshNext() }) {
                due.send()
            }
        }
    }

    private func publish(_ visitor: HomeVisitor) async {
        do {
            try await api.publishHome(of: visitor.user, HomeView.json(await reader.contents(for: visitor)))
        } catch {
            // For example `not_enabled`: the app has no Home tab.
            logger.warning("A Home was not published.", metadata: ["error": "\(error)"])
        }
    }
}
