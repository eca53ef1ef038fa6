import Foundation
import Testing

@testable import SlackBot

@Suite("The time zone of reports")
struct TimeZoneTests {
    @Test("it is UTC unless settings.yaml names another one")
    func named() throws {
        let bare = try #require(try ConfigFixtures.load([:]).settings)
        #expect(bare.timeZone == .gmt)
        let text = "analytics: {time_zone: Europe/Vienna}"
        let vienna = try #require(try ConfigFixtures.load(["settings.yaml": text]).settings)
        #expect(vienna.timeZone.identifier == "Europe/Vienna")
    }

    @Test("a change needs a restart, is named, and the old one stays in force")
    func restart() throws {
        let vienna = "analytics: {time_zone: Europe/Vienna}"
        let before = try #require(try ConfigFixtures.load(["settings.yaml": vienna]).settings)
        let delhi = "analytics: {time_zone: Asia/Kolkata}"
        let after = try #require(try ConfigFixtures.load(["settings.yaml": delhi]).settings)
        let diff = SettingsDiff(started: before, running: before, loaded: after)
        #expect(diff.needsRestart == ["settings.yaml analytics.time_zone"])
        #expect(diff.changed.isEmpty)
        #expect(diff.settings.timeZone == before.timeZone)
    }
}
