import Foundation
import Logging
import NIOConcurrencyHelpers
import TestKit

@testable import Bridge

/// The strict double of the Anthropic API, with a client for it.
struct AnthropicDouble {
    let peer: PeerProcess
    let http: HTTPClient
    /// All deltas of the last turn, and the waits between its attempts.
    let heard = NIOLockedValueBox<[ModelDelta]>([])
    let waits = NIOLockedValueBox<[Duration]>([])

    static let key = "sk-ant-test-0123456789"
    static let model = "claude-sonnet-5-5"

    var base: String { "http://127.0.0.1:\(peer.port)" }

    /// Queues replies; `anthropic_double.py` describes their form.
    func script(_ replies: JSONValue...) async throws {
        let body: JSONValue = ["replies": .array(replies)]
        let response = try await http.send(HTTPClient.Request("POST", "\(base)/_script", body: body.bytes()))
        _ = try await response.collect(upTo: 10_000)
    }

    /// The requests that the double has received.
    func journal() async throws -> [JSONValue] {
        let response = try await http.send(HTTPClient.Request("GET", "\(base)/_journal"))
        return try JSONValue(parsing: await response.collect(upTo: 10_000_000))["requests"]?.array ?? []
    }

    /// A client of the double, with the fallback of the settings.
    func client(
        _ change: (inout ModelSettings) -> Void = { _ in },
        configured: (inout AnthropicConfiguration) -> Void = { _ in }
    ) -> any ModelClient {
        var settings = ModelSettings()
        settings.baseURL = base
        settings.apiKey = Secret(Self.key)
        change(&settings)
        let (waits, logger) = (waits, Logger(label: "test"))
        return FallbackModel.client(of: settings, logger: logger) { settings in
            var configuration = AnthropicConfiguration(settings)
            configured(&configuration)
            return AnthropicClient(configuration, http: http, logger: logger) { wait in
                waits.withLockedValue { $0.append(wait) }
            }
        }
    }

    func turn(_ client: any ModelClient, _ request: ModelRequest) async throws -> ModelTurn {
        heard.withLockedValue { $0 = [] }
        let heard = heard
        return try await client.turn(request) { delta in heard.withLockedValue { $0.append(delta) } }
    }

    /// The error with which a turn ends; nil when it succeeds.
    func failure(_ client: any ModelClient, _ request: ModelRequest) async -> BridgeError? {
        do {
            _ = try await turn(client, request)
            return nil
        } catch {
            return error as? BridgeError
        }
    }

    /// The text that a reader sees at the end: the deltas after the last restart.
    var textHeard: String {
        heard.withLockedValue { deltas in
            deltas.reduce(into: "") { text, delta in
                switch delta {
                case .text(let more): text += more
                case .restarted: text = ""
                default: break
                }
            }
        }
    }

    var restarts: Int { heard.withLockedValue { $0.count { $0 == .restarted } } }
    var retries: Int {
        heard.withLockedValue { $0.count { if case .retrying = $0 { true } else { false } } }
    }
}

func withDouble(_ arguments: [String] = [], _ body: (AnthropicDouble) async throws -> Void) async throws {
    let peer = try await PeerProcess.python("anthropic_double.py", arguments)
    let http = HTTPClient(.init(proxy: ""), logger: Logger(label: "test"))
    do {
        try await body(AnthropicDouble(peer: peer, http: http))
    } catch {
        await http.shutdown()
        await peer.stop()
        throw error
    }
    await http.shutdown()
    await peer.stop()
}

extension ModelTool {
    static func sample(_ name: String, _ properties: JSONValue = ["ticker": ["type": "string"]]) -> ModelTool {
        ModelTool(
            wireName: name,
            definition: ToolDefinition(
                name: ToolName(server: "market", tool: name), description: "The \(name) of a share.",
                inputSchema: ["type": "object", "properties": properties]))
    }
}

extension ModelRequest {
    static func sample(
        _ messages: [ModelMessage] = [.user("Compare NVDA and AMD.")], model: String = AnthropicDouble.model,
        system: String = String(repeating: "Answer from the tools only. ", count: 100),
        tools: [ModelTool] = [.sample("history"), .sample("quote")], mayCallTools: Bool = true
    ) -> ModelRequest {
        ModelRequest(
            model: model, maxTokens: 1000, system: system, tools: tools, messages: messages, mayCallTools: mayCallTools)
    }
}
