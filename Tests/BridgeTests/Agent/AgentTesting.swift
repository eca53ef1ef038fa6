import Foundation
import Logging
import NIOConcurrencyHelpers
import TestKit
import Testing

@testable import Bridge

/// A tool source in this process whose tools are closures; it records the calls.
final class FakeShop: ToolSource {
    typealias Work = @Sendable (JSONValue) async throws -> ToolResult

    /// A tool and the closure that runs for a call.
    struct Tool {
        let name: String
        var annotations = ToolAnnotations(readOnly: true)
        let work: Work
    }

    let server: String
    private let tools: [Tool]
    private let called = NIOLockedValueBox<[String]>([])
    /// Whether the tools can be listed; while false, listing them waits.
    let isOpen: NIOLockedValueBox<Bool>

    init(_ tools: [Tool], server: String = "shop", isOpen: Bool = true) {
        self.server = server
        self.tools = tools
        self.isOpen = NIOLockedValueBox(isOpen)
    }

    var calls: [String] { called.withLockedValue { $0 } }

    func listTools() async throws -> [ToolDefinition] {
        while !isOpen.withLockedValue({ $0 }) { try await Task.sleep(for: .milliseconds(2)) }
        return tools.map {
            ToolDefinition(
                name: ToolName(server: server, tool: $0.name), description: "Does \($0.name).",
                inputSchema: ["type": "object"], annotations: $0.annotations)
        }
    }

    func call(_ call: ToolCall) async throws -> ToolResult {
        let name = call.name.tool
        called.withLockedValue { $0.append(name) }
        guard let tool = tools.first(where: { $0.name == name }) else {
            throw ToolCallError("no tool \(name)", mayHaveHappened: false)
        }
        return try await tool.work(call.arguments)
    }

    static func answering(_ names: String...) -> FakeShop {
        FakeShop(names.map { name in Tool(name: name) { _ in .text("result of \(name)") } })
    }

    static func with(_ name: String, _ work: @escaping Work) -> FakeShop { FakeShop([Tool(name: name, work: work)]) }
}

/// A journal that records the steps, and starts with those of an earlier attempt.
final class RecordingJournal: StepJournal {
    private let state = NIOLockedValueBox<[QuestionStep]>([])
    /// The steps of an earlier attempt, from which the bridge resumes.
    let earlier: [QuestionStep]
    let fails: Bool

    init(fails: Bool = false, earlier: [QuestionStep] = []) {
        self.fails = fails
        self.earlier = earlier
    }

    var all: [QuestionStep] { state.withLockedValue { $0 } }

    var steps: [String] {
        all.map { step in
            switch step {
            case .modelTurn(let turn): "turn \(turn.text)\(turn.calls.map(\.id).joined(separator: ","))"
            case .toolStarted(let call): "started \(call.id) \(call.outcome)"
            case .toolResult(let call, let result): "result \(call.id) \(call.outcome) \(result.text)"
            case .waiting(let wait): "waiting \(wait.callID) \(wait.request.message)"
            case .waitEnded(_, let answer): "wait ended \(answer)"
            }
        }
    }

    func append(_ step: QuestionStep, to question: ULID) async throws {
        if fails { throw BridgeError(.storeUnavailable, "The store is away.") }
        state.withLockedValue { $0.append(step) }
    }
}

extension AnswerResult {
    /// The outcome; a wait is noted as an issue.
    var outcome: QuestionOutcome {
        switch self {
        case .ended(let outcome): return outcome
        case .waiting(let wait):
            Issue.record("the question waits: \(wait.request.message)")
            return .cancelled(Usage())
        }
    }
}

/// A store of conversations with fixed turns; it fails when `fails` is set.
struct FixedConversations: ConversationStore {
    var turns: [ConversationTurn] = []
    var fails = false

    func conversation(before question: Question, limit: Int) async throws -> Conversation {
        if fails { throw BridgeError(.storeUnavailable, "The store is away.") }
        return Conversation(turns: Array(turns.suffix(limit)), total: turns.count)
    }
}

/// A bridge with a scripted model and in-process tools; all other parts are those of the program.
struct AgentFixture {
    var model: ScriptedModel
    var sources: [FakeShop]
    var journal = RecordingJournal()
    var conversations = FixedConversations()
    var rules = AgentFixture.houseRules
    /// The rules that apply while the question is answered; nil for those of its snapshot.
    var rulesNow: PolicyRules?
    /// The asker's current principal while the question is answered; nil when the user is disabled.
    var principalNow: @Sendable (Principal) -> Principal? = { $0 }
    var settings = ModelSettings()
    var limits = AnswerLimits()
    let heard = NIOLockedValueBox<[String]>([])
    static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    init(_ replies: [ScriptedModel.Reply], _ sources: FakeShop...) {
        model = ScriptedModel(replies)
        self.sources = sources
    }

    /// All roles reach all servers; a reader may call no tool named `drop_*`.
    static var houseRules: PolicyRules {
        var rules = PolicyRules()
        for (name, rank) in Role.ranks {
            rules.roles[name] = Role(name: name, source: .builtIn("roles.\(name)"), rank: rank)
        }
        rules.defaultServers = Sourced(.all, .builtIn("default_user.allowed_mcps"))
        if let drop = try? Glob("drop_*") {
            rules.roles["read_only"]?.deniedTools = [
                Sourced(drop, RuleSource(file: "users.yaml", line: 4, key: "roles.read_only.denied_tools[0]"))
            ]
        }
        return rules
    }

    static func person(_ role: String = "admin", name: String = "Ana") -> Principal {
        Principal(email: "ana@acme.example", name: name, role: role, source: .builtIn("users[0]"))
    }

    static func question(_ text: String = "How is the shop?", by asker: Principal = person()) -> Question {
        Question(asker: asker, text: text, place: .commandLine, threadKey: "t")
    }

    func answer(_ question: Question = question()) async throws -> QuestionOutcome {
        try await running { bridge in await ask(question, bridge) }
    }

    func ask(_ question: Question, _ bridge: Bridge) async -> QuestionOutcome {
        let snapshot = SettingsSnapshot(generation: 1, policy: Policy(rules), model: settings, limits: limits)
        return await bridge.answer(question, under: snapshot) { event in
            heard.withLockedValue { $0.append(Self.words(event)) }
        }.outcome
    }

    /// Runs the registry and, once all open sources are listed, the body.
    func running<Value: Sendable>(_ body: @escaping @Sendable (Bridge) async throws -> Value) async throws -> Value {
        let http = HTTPClient(.init(proxy: ""), logger: Self.logger)
        let registry = ToolRegistry(http: http, logger: Self.logger)
        for source in sources { registry.add(source, displayName: "The \(source.server)") }
        let (now, principalNow) = (Policy(rulesNow ?? rules), principalNow)
        let bridge = Bridge(
            registry: registry, model: model, conversations: conversations, journal: journal,
            currentRights: { asker in principalNow(asker).map { Rights(policy: now, principal: $0) } },
            logger: Self.logger)
        let result: Result<Value, any Error>
        do {
            result = .success(
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await registry.run() }
                    defer { group.cancelAll() }
                    let open = sources.filter { $0.isOpen.withLockedValue { $0 } }.map(\.server)
                    try await eventually("the tools are listed") {
                        registry.statuses.allSatisfy { $0.state != .starting || !open.contains($0.name) }
                    }
                    return try await body(bridge)
                })
        } catch {
            result = .failure(error)
        }
        await http.shutdown()
        return try result.get()
    }

    var events: [String] { heard.withLockedValue { $0.filter { !$0.hasPrefix("status") } } }

    private static func words(_ event: AnswerEvent) -> String {
        switch event {
        case .status(let text): "status \(text)"
        case .toolStarted(let call): "started \(call.id)"
        case .toolFinished(let call): "finished \(call.id) \(call.outcome)"
        case .text(let text): "text \(text)"
        case .toolReturned(let result): "returned \(result.text)"
        case .narration(let text): "narration \(text)"
        case .textWithdrawn: "withdrawn"
        }
    }
}

extension QuestionOutcome {
    var answered: Answer? { if case .answered(let answer) = self { answer } else { nil } }
    var failed: Failure? { if case .failed(let failure) = self { failure } else { nil } }
    var refused: Refusal? { if case .refused(let refusal) = self { refusal } else { nil } }
    var isCancelled: Bool { if case .cancelled = self { true } else { false } }
}

extension ModelRequest {
    /// The tool results in the last message of the request.
    var lastResults: [ModelToolResult] {
        if case .toolResults(let results) = messages.last { results } else { [] }
    }

    /// The texts of users and of earlier answers, with their authors.
    var spoken: [String] {
        messages.compactMap {
            switch $0 {
            case .user(let text): "user \(text)"
            case .assistant(let text): "assistant \(text)"
            case .turn, .toolResults, .images: nil
            }
        }
    }
}
