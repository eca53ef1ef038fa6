import Bridge
import Logging
import ServiceLifecycle

/// Posts the alerts to the administrators' channel (slack.yaml, `channels.admin_alerts`). Without one only the log has
/// them.
struct AdminAlertService: Service {
    let alerts: AdminAlerts
    let api: SlackAPI
    let live: LiveSettings
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await alert in alerts.alerts { await post(alert) }
        }
    }

    private func post(_ alert: AdminAlerts.Alert) async {
        guard let channel = live.current.slack.adminChannel else {
            logger.warning("The administrators have no channel (channels.admin_alerts); they were not told.")
            return
        }
        do {
            _ = try await api.post(SectionView.message(alert.text), in: channel, thread: nil)
        } catch {
            alerts.undelivered(alert)
            logger.warning("The administrators were not told.", metadata: ["error": "\(error)"])
        }
    }
}
