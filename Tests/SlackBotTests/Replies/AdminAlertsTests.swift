import Bridge
import NIOConcurrencyHelpers
import Testing

@testable import SlackBot

@Suite("Alerts to the administrators")
struct AdminAlertsTests {
    private func failure(_ report: String?, id: String = "E-1") -> Failure {
        let error = BridgeError(
            .modelAuthentication, "Omni cannot reach its model.", report: report, cause: "HTTP 401 <!channel>")
        return Failure(error: error, errorID: id, usage: Usage())
    }

    /// The alerts of `failures`, each at its time after the start.
    private func alerts(_ failures: [(after: Duration, Failure)]) async -> [AdminAlerts.Alert] {
        let start = ContinuousClock.now
        let time = NIOLockedValueBox(start)
        let alerts = AdminAlerts { time.withLockedValue { $0 } }
        for (after, failure) in failures {
            time.withLockedValue { $0 = start + after }
            alerts.take(failure)
        }
        alerts.tell("the end") { _ in "the end" }
        var found: [AdminAlerts.Alert] = []
        for await alert in alerts.alerts {
            if alert.problem == "the end" { break }
            found.append(alert)
        }
        return found
    }

    @Test("a problem that repeats is told once an hour, with the number of repetitions")
    func repeated() async {
        let found = await alerts([
            (.zero, failure("The key is refused.", id: "E-1")),
            (.seconds(1), failure("The key is refused.", id: "E-2")),
            (.seconds(3599), failure("The key is refused.", id: "E-3")),
            (.seconds(3600), failure("The key is refused.", id: "E-4")),
        ])
        #expect(found.count == 2)
        #expect(found.first?.text.contains("E-1") == true && found.first?.text.contains("more times") == false)
        #expect(found.last?.text.contains("E-4") == true && found.last?.text.contains("2 more times") == true)
    }

    @Test("another problem is told at once, and a failure that is none of theirs never")
    func different() async {
        let found = await alerts([
            (.zero, failure("The key is refused.")), (.seconds(1), failure("The address is wrong.")),
            (.seconds(2), failure(nil)),
        ])
        #expect(found.count == 2)
    }

    @Test("a message that is no repeating problem is sent each time")
    func each() async {
        let alerts = AdminAlerts()
        for _ in 0..<2 { alerts.tell("The configuration has errors.") }
        alerts.tell("the end")
        var texts: [String] = []
        for await alert in alerts.alerts {
            if alert.text == "the end" { break }
            texts.append(alert.text)
        }
        #expect(texts == ["The configuration has errors.", "The configuration has errors."])
    }

    @Test("an alert that could not be delivered is sent with the next failure")
    func undelivered() {
        var repetitions = ProblemRepetitions()
        let now = ContinuousClock.now
        #expect(repetitions.admit("a", at: now) == 0)
        #expect(repetitions.admit("a", at: now) == nil)
        repetitions.forget("a")
        #expect(repetitions.admit("a", at: now) == 0)
    }

    @Test("the provider's text cannot notify a channel")
    func escaped() {
        let text = UserMessages.modelTrouble("Refused.", cause: "HTTP 401 <!channel>", errorID: "E-1", repeated: 0)
        #expect(!text.contains("<!channel>") && text.contains("HTTP 401"))
    }
}
