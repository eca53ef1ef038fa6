import Testing

@testable import SlackBot

@Suite("Variables in the configuration")
struct VariableExpansionTests {
    static let environment = EnvironmentVariables(["HOST": "example", "EMPTY": "", "PORT": "9"])

    @Test(
        "${VAR} and ${VAR:-default} are replaced; an empty variable counts as unset",
        arguments: [
            ("${HOST}", "example"), ("http://${HOST}:${PORT}/x", "http://example:9/x"), ("${NONE:-local}", "local"),
            ("${EMPTY:-local}", "local"), ("${NONE:-}", ""), ("${NONE:-${HOST}}", "example"),
            ("${NONE:-a:-b}", "a:-b"), ("${HOST}$", "example$"), ("${NONE:-${OTHER:-deep}}.x", "deep.x"),
        ])
    func expands(_ text: String, _ expected: String) {
        #expect(VariableExpansion.expand(text, in: Self.environment) == .expanded(expected))
    }

    @Test("text without ${ stays as it is", arguments: ["", "plain", "$HOST", "100$", "a $ {HOST}"])
    func unchanged(_ text: String) {
        #expect(VariableExpansion.expand(text, in: Self.environment) == .unchanged)
    }

    @Test(
        "an invalid reference is malformed", arguments: ["${HOST", "${}", "${1A}", "${A B}", "${HOST:?x}", "${HOST:x}"])
    func malformed(_ text: String) {
        #expect(VariableExpansion.expand(text, in: Self.environment) == .malformed)
    }

    @Test("an unset variable without default is named", arguments: ["${NONE}", "a${NONE}b", "${X:-${NONE}}"])
    func unset(_ text: String) {
        #expect(VariableExpansion.expand(text, in: Self.environment) == .unset(variable: "NONE"))
    }

    @Test("a variable may hold a number or a truth value, quoted or not")
    func typedValues() throws {
        let (settings, problems) = try ConfigFixtures.load(
            [
                "settings.yaml": "app: {port: \"${OMNI_PORT:-9000}\"}\nllm:\n  max_tokens: ${TOKENS}",
                "slack.yaml": "behavior: {include_error_id: \"${SHOW}\"}",
            ], environment: ["TOKENS": "77", "SHOW": "no"])
        #expect(problems == [])
        #expect(settings?.sidePort.port == 9000)
        #expect(settings?.model.maxTokens == 77)
        #expect(settings?.slack.behavior.includesErrorID == false)
    }

    @Test("a key that the environment overrides may refer to an unset variable")
    func overridden() throws {
        let (settings, problems) = try ConfigFixtures.load(
            [
                "settings.yaml": "llm: {api_key: \"${OTHER}\"}\ndatabase: {url: \"${OTHER}\"}",
                "slack.yaml": "slack: {bot_token: \"${OTHER}\"}",
            ],
            environment: ["ANTHROPIC_API_KEY": "sk", "DATABASE_URL": "sqlite:///x", "SLACK_BOT_TOKEN": "xoxb-1"])
        #expect(problems == [])
        #expect(settings?.model.apiKey?.revealed == "sk")
        #expect(settings?.store.databaseURL?.revealed == "sqlite:///x")
        #expect(settings?.slack.botToken?.revealed == "xoxb-1")
    }

    @Test("the offline provider needs no key, so an unset one is no problem")
    func offline() throws {
        let (settings, problems) = try ConfigFixtures.load([
            "settings.yaml": "llm: {provider: offline, api_key: \"${ANTHROPIC_API_KEY}\"}"
        ])
        #expect(problems == [])
        #expect(settings?.model.provider == .offline)
    }
}
