import Foundation
import Testing

@testable import SlackBot

@Suite("The health of Socket Mode as text and JSON")
struct SocketModeHealthTests {
    @Test("the age of the last event is stated and does not affect the verdict")
    func words() {
        var state = SocketModeHealth.State()
        state.wanted = 2
        state.wantedTotal = 2
        state.live = [0, 1]
        #expect(
            UserMessages.socketMode(state, uptime: .seconds(240)).last == "Events: none since the start 4 minutes ago")
        state.events = EnvelopeStatistics.Figure(total: 40, recent: 12, age: .seconds(3))
        #expect(
            UserMessages.socketMode(state, uptime: .seconds(240)) == [
                "Slack: 2 of 2 connections", "12 events in 5 min, last one 3 s ago",
            ])
        state.events = EnvelopeStatistics.Figure(total: 40, recent: 0, age: .seconds(3 * 3600))
        #expect(
            UserMessages.socketMode(state, uptime: .seconds(9_000)).last == "0 events in 5 min, last one 3 hours ago")
        state.wantedTotal = 4
        state.reported = 6
        state.unknownConnections = 2
        let lines = UserMessages.socketMode(state, uptime: .seconds(240))
        #expect(lines[0] == "Slack: 2 of 2 connections, 4 wanted by all processes")
        #expect(lines[1].contains("counts 6 connections of this app where 4 are wanted"))
    }

    @Test("the health endpoint has the same as numbers")
    func json() {
        var state = SocketModeHealth.State()
        state.wanted = 2
        state.events = EnvelopeStatistics.Figure(total: 4, recent: 2, age: .seconds(61), redelivered: 1, late: 1)
        #expect(state.json["events"]?["total"] == 4)
        #expect(state.json["events"]?["last_5_minutes"] == 2)
        #expect(state.json["events"]?["seconds_since_last"] == 61)
        #expect(state.json["events"]?["redelivered"] == 1)
        #expect(state.json["events"]?["acknowledged_late"] == 1)
        #expect(state.json["reported"] == nil)
    }
}
