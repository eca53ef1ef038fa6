import Testing

@testable import SlackBot

@Suite("Templates with placeholders")
struct MessageTemplateTests {
    @Test("a known placeholder gets its value, one without a value nothing; other braces stay as they are written")
    func values() {
        let template = MessageTemplate(
            "{name}: {role}{emoji}, {nmae} {} { name } {\"a\": 1} {name}\n", known: [.name, .role, .emoji])
        #expect(template.unknown == ["nmae"])
        #expect(
            template.text([.name: "Ana", .role: "dba"]) == "Ana: dba, {nmae} {} { name } {\"a\": 1} Ana")
    }

    @Test("a placeholder of another template is unknown, and a value is not searched for placeholders")
    func others() {
        let template = MessageTemplate("{result} {uptime}", known: [.result])
        #expect(template.unknown == ["uptime"])
        #expect(template.has(.result) && !template.has(.uptime))
        #expect(template.text([.result: "{result}", .uptime: "1 h"]) == "{result} {uptime}")
    }

    @Test("the name of a placeholder in a variable's value is not told")
    func variables() throws {
        let (settings, problems) = try ConfigFixtures.load(
            ["slack.yaml": "templates: {welcome: \"${TEXT}\", help: \"\", status: \" \"}"],
            environment: ["TEXT": "Hello {secret}"])
        #expect(problems.map(\.severity) == [.warning])
        #expect(problems.allSatisfy { !"\($0)".contains("secret") })
        #expect(settings?.slack.templates.welcome?.text([:]) == "Hello {secret}")
        #expect(settings?.slack.templates.help == nil && settings?.slack.templates.status == nil)
    }

    @Test("a format shows its elements, and elements adds to them or takes away")
    func userInfo() throws {
        func info(_ text: String) throws -> UserInfoSettings {
            try #require(ConfigFixtures.load(["slack.yaml": "user_info_display: {\(text)}"]).settings).slack.userInfo
        }
        #expect(try info("format: minimal").elements == [.name])
        #expect(try info("format: minimal, elements: {show_email: true, show_name: false}").elements == [.email])
        #expect(try info("format: detailed").elements.count == UserInfoSettings.Element.allCases.count)
        #expect(try info("format: first_only").format == .firstOnly)
        #expect(try !info("").isEnabled)
    }

    @Test("streaming: true that another key makes ineffective is named with that key; {result} alone is no template")
    func streaming() throws {
        func load(_ text: String) throws -> (isStreamed: Bool, problems: [ConfigProblem]) {
            let (settings, problems) = try ConfigFixtures.load(["slack.yaml": text])
            return (try #require(settings).slack.streamsAnswers, problems)
        }
        let written = "behavior: {streaming: true}\n"
        for (text, key) in [
            ("templates: {query_success: \"{emoji} {result}\"}", "templates.query_success"),
            ("formatting: {use_blocks: false}", "formatting.use_blocks"),
        ] {
            let (isStreamed, problems) = try load(written + text)
            #expect(!isStreamed)
            #expect(problems.map(\.severity) == [.note] && problems.map(\.keyPath) == ["behavior.streaming"])
            #expect(problems.map(\.line) == [1] && problems.allSatisfy { $0.message.contains(key) })
            let silent = try load(text)
            #expect(!silent.isStreamed && silent.problems.isEmpty)
            #expect(try load("behavior: {streaming: false}\n\(text)").problems.isEmpty)
        }
        let alone = try load("\(written)templates: {query_success: \" {result} \"}")
        #expect(alone.isStreamed && alone.problems.isEmpty)
    }

    @Test("threading.enabled and continue_threads decide on follow-ups; follow_up is the stronger key")
    func threading() throws {
        func threading(_ text: String) throws -> ThreadingSettings {
            try #require(ConfigFixtures.load(["threading.yaml": text]).settings).threading
        }
        #expect(try threading("threading: {behavior: {continue_threads: false}}").followUp == .never)
        #expect(
            try threading("threading: {behavior: {continue_threads: false}, follow_up: anyone}").followUp == .anyone)
        let off = try threading("threading: {enabled: false, follow_up: anyone}")
        #expect(off.followUp == .never && !off.history.threads.isEnabled && off.history.direct.isEnabled)
    }
}
