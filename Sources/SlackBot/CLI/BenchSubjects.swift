import Bridge
import Foundation

/// What ``BenchCommand`` times, over the samples of one folder.
struct BenchSubjects {
    struct Subject {
        let name: String
        let work: () throws -> Int
        /// The figure, in the unit that the name ends with, from the time of one run.
        let figure: (Duration) -> Double
    }

    private let document: [UInt8]
    private let value: JSONValue
    private let object: Any
    private let envelope: String
    private let stream: [UInt8]
    private let answer: String

    /// Throws when a sample is missing or is no JSON.
    init(folder: URL) throws {
        func read(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appending(path: name))) }
        document = try read("document.json")
        value = try JSONValue(parsing: document)
        object = try JSONSerialization.jsonObject(with: Data(document))
        envelope = String(decoding: try read("envelope.json"), as: UTF8.self)
        stream = try read("stream.txt")
        answer = String(decoding: try read("answer.md"), as: UTF8.self)
    }

    func all() -> [Subject] { texts() + words() + policy() }

    private func texts() -> [Subject] {
        let data = Data(document)
        return [
            Subject(
                name: "json_parse_mb_s", work: { try JSONValue(parsing: document).object?.count ?? 0 },
                figure: { Self.megabytes(document.count, in: $0) }),
            Subject(
                name: "json_write_mb_s", work: { value.bytes().count },
                figure: { Self.megabytes(document.count, in: $0) }),
            Subject(
                name: "foundation_json_parse_mb_s", work: { try Self.foundationParse(data) },
                figure: { Self.megabytes(document.count, in: $0) }),
            Subject(
                name: "foundation_json_write_mb_s",
                work: { try JSONSerialization.data(withJSONObject: object).count },
                figure: { Self.megabytes(document.count, in: $0) }),
            Subject(
                name: "sse_parse_mb_s", work: { try parseStream() }, figure: { Self.megabytes(stream.count, in: $0) }),
        ]
    }

    private static func foundationParse(_ data: Data) throws -> Int {
        (try JSONSerialization.jsonObject(with: data) as? [String: Any])?.count ?? 0
    }

    /// In pieces of 1,400 bytes, as they come from a network.
    private func parseStream() throws -> Int {
        var parser = ServerSentEventParser()
        var count = 0
        var start = 0
        while start < stream.count {
            let end = min(start + 1_400, stream.count)
            count += try parser.feed(stream[start..<end]).count
            start = end
        }
        return count
    }

    private func words() -> [Subject] {
        [
            Subject(name: "envelope_decode_us", work: { decodeEnvelope() }, figure: Self.microseconds),
            Subject(
                name: "markdown_split_us",
                work: { MarkdownParts.split(Markdown.forBlock(answer)).count }, figure: Self.microseconds),
        ]
    }

    private func decodeEnvelope() -> Int {
        guard case .envelope(let envelope) = SocketFrame(envelope) else { return 0 }
        let bot = BotIdentity(teamID: "T0ACME", team: "Acme", userID: "U0OMNI", botID: "B0OMNI", url: "")
        guard case .question(let question) = Incoming(envelope, bot: bot) else { return 0 }
        return question.text.utf8.count
    }

    private func policy() -> [Subject] {
        let world = BenchPolicy()
        return [
            Subject(name: "verdict_us", work: { world.verdict() }, figure: Self.microseconds),
            Subject(name: "list_10000_tools_ms", work: { world.list() }, figure: { Self.microseconds($0) / 1_000 }),
        ]
    }

    private static func megabytes(_ bytes: Int, in time: Duration) -> Double {
        Double(bytes) / 1_000_000 / (time / .seconds(1))
    }

    private static func microseconds(_ time: Duration) -> Double { time / .microseconds(1) }
}

/// A large house: 100 servers of 100 tools each, rules at every step, a person whom most of them concern.
private struct BenchPolicy {
    private let policy: Policy
    private let catalogue: Catalogue
    private let asker: Principal
    private let place = Place(door: .slack, channel: "C0OPS", channelName: "ops", isDirect: false)

    init() {
        let source = RuleSource.builtIn("bench")
        func globs(_ patterns: String...) -> [Sourced<Glob>] {
            patterns.compactMap { try? Glob($0) }.map { Sourced($0, source) }
        }
        var rules = PolicyRules()
        rules.blockedTools = globs("*__drop_database", "*shutdown*", "legacy_*__*")
        rules.adminOnlyTools = globs("*__grant_*", "*__revoke_*", "*__rotate_[a-z]*_key")
        rules.dangerousPatterns = globs("drop_*", "kill_*", "truncate_*", "restart_*")
        var role = Role(name: "dba", source: source, rank: 40)
        role.canExecuteDangerousTools = false
        role.deniedTools = globs("*__delete_*", "*__purge_*")
        rules.roles["dba"] = role
        let names = (0..<100).map { "server-\($0)" }
        for name in names {
            rules.servers[name] = ServerRules(
                source: source, toolPolicy: Sourced(.allowAllExcept(globs("*_internal", "debug_*")), source),
                roleRestrictions: ["dba": Sourced(.deny(globs("drop_index", "kill_session")), source)])
        }
        policy = Policy(rules)
        asker = Principal(
            email: "ana@acme.example", name: "Ana", role: "dba",
            servers: .listed(Dictionary(uniqueKeysWithValues: names.map { ($0, .inherit(deny: [])) })), source: source)
        let tools = names.flatMap { server in
            (0..<100).map { number in
                ToolDefinition(
                    name: ToolName(
                        server: server, tool: "\(["get", "list", "drop", "find"][number % 4])_thing_\(number)"),
                    description: "Reads thing \(number) of \(server).", inputSchema: ["type": "object"],
                    annotations: ToolAnnotations(readOnly: number % 4 != 2))
            }
        }
        catalogue = Catalogue(tools: tools, servers: [])
    }

    /// Of one call with arguments, by a tool that every step lets pass.
    func verdict() -> Int {
        let tool = catalogue.tools[0]
        let verdict = policy.verdict(for: asker, in: place, on: tool, arguments: ["service": "checkout", "limit": 20])
        return verdict.isAllowed ? 1 : 0
    }

    func list() -> Int {
        catalogue.tools.count { policy.verdict(for: asker, in: place, on: $0).isAllowed }
    }
}
