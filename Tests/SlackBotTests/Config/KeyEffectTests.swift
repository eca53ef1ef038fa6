import Bridge
import Testing

@testable import SlackBot

/// A key that is documented has its effect or is named as without one.
@Suite("The effect of each key of the configuration")
struct KeyEffectTests {
    @Test("a documented key changes what uses the settings", arguments: KeyEffect.all)
    func effect(_ effect: KeyEffect) throws {
        let (before, after) = (try effect.observe(effect.before), try effect.observe(effect.after))
        #expect(before != after)
    }

    @Test("each key of docs/configuration.md has a test of its effect, and no key without effect is in its tables")
    func complete() throws {
        let page = try ConfigFixtures.text("docs/configuration.md")
        for file in SettingsLoader.fileNames {
            let documented = ConfigurationPageTests.keys(of: file, in: page)
            let tested = Set(KeyEffect.all.filter { $0.file == file }.flatMap(\.keys))
            #expect(documented.subtracting(tested).sorted() == [], "\(file): without a test of the effect")
            #expect(tested.subtracting(documented).sorted() == [], "\(file): not documented")
            #expect(documented.isDisjoint(with: IgnoredKeys.patterns(of: file)), "\(file)")
        }
    }

    @Test("role_restrictions: {} restricts the same as an absent key: nothing")
    func emptyRestrictions() throws {
        func rules(_ more: String) throws -> ServerRules? {
            let text = "mcps: [{name: jira, url: \"http://jira.example/mcp\"\(more)}]\n"
            return try #require(ConfigFixtures.load(["mcps.yaml": text]).settings).policy.servers["jira"]
        }
        #expect(try rules(", role_restrictions: {}")?.roleRestrictions == nil)
        let absent = try #require(try rules(""))
        #expect(absent.roleRestrictions == nil)
        #expect(try rules(", role_restrictions: {dba: {allow_all: true}}")?.roleRestrictions?.count == 1)
    }

    @Test("a limit of a role loads and is named as without effect until there are budgets")
    func rateLimit() throws {
        let (settings, problems) = try ConfigFixtures.load(
            ["users.yaml": "roles: {dba: {rate_limit: {requests_per_hour: 5, concurrent_requests: 1}}}"])
        #expect(settings != nil && problems.map(\.severity) == [.note])
        #expect(problems.first?.message.contains("rate_limit") == true)
    }
}
