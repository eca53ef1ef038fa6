import Testing

@testable import SlackBot

@Suite("The digest in slack.yaml")
struct DigestSectionTests {
    private func digest(_ text: String) throws -> DigestSettings {
        let (settings, problems) = try ConfigFixtures.load(["slack.yaml": "digest: \(text)"])
        #expect(problems.map(\.description) == [])
        return try #require(settings).slack.digest
    }

    @Test("it is disabled by default, and a week's digest on Mondays at nine")
    func defaults() throws {
        let digest = try #require(ConfigFixtures.load([:]).settings).slack.digest
        #expect(digest == DigestSettings())
        #expect(!digest.isEnabled && "\(digest.at)" == "09:00" && digest.days == [.mon] && digest.period == .week)
    }

    @Test("every key is read")
    func keys() throws {
        let digest = try digest(
            "{enabled: true, channel: '#reports', at: 17:05, days: [fri, Sun], period: month}")
        #expect(digest.isEnabled && digest.channel == "#reports" && digest.at.minutes == 1025)
        #expect(digest.days == [.fri, .sun] && digest.period == .month)
    }

    @Test("a channel is named with or without #, or by its id")
    func channels() throws {
        #expect(try digest("{enabled: true, channel: reports}").channel == "#reports")
        #expect(try digest("{enabled: true, channel: C0OPS}").channel == "C0OPS")
    }

    @Test("a disabled digest needs no channel, and its variables need not be set")
    func disabled() throws {
        #expect(try !digest(#"{enabled: false, channel: "${REPORTS}"}"#).isEnabled)
    }

    @Test(
        "a time of day has hours and minutes",
        arguments: [("09:00", 540), ("9:00", 540), ("00:00", 0), ("23:59", 1439)])
    func times(_ text: String, _ minutes: Int) {
        #expect(DigestSettings.TimeOfDay(text)?.minutes == minutes)
    }

    @Test(
        "other texts are no time of day",
        arguments: ["", "9", "24:00", "12:60", "9:5", "009:00", "09:00:00", "-1:00", " 09:00", "9.30", "٠٩:٠٠", ":30"])
    func noTimes(_ text: String) { #expect(DigestSettings.TimeOfDay(text) == nil) }

    @Test("a change takes effect without a restart")
    func reload() throws {
        let before = try #require(
            ConfigFixtures.load(["slack.yaml": "digest: {enabled: true, channel: C1}"]).settings)
        let after = try #require(
            ConfigFixtures.load(["slack.yaml": "digest: {enabled: true, channel: C1, at: \"10:00\"}"]).settings)
        let diff = SettingsDiff(started: before, running: before, loaded: after)
        #expect(diff.needsRestart == [])
        #expect(diff.changed == ["slack.yaml digest.at"])
        #expect(diff.settings.slack.digest.at.minutes == 600)
    }
}
