import Bridge
import Foundation
import Logging
import SlackEmulator
import TestKit
import Testing

@testable import Analytics
@testable import SlackBot

/// Interruptions at each step of a question. `make test` runs a covering subset of the table, `make crashes` all of it.
@Suite("Interrupted while it works on a question", .timeLimit(.minutes(10)))
struct CrashScenarios {
    /// `OMNI_CRASHES=all` selects the whole table; any other value selects the rows whose descriptions begin with it.
    static let played: [Crash] =
        switch ProcessInfo.processInfo.environment["OMNI_CRASHES"] {
        case nil: Crash.covering
        case "all": Crash.possible
        case .some(let words): Crash.possible.filter { $0.description.hasPrefix(words) }
        }

    @Test("the selected rows contain each possible combination of two columns")
    func covering() {
        let wanted = Set(Crash.possible.flatMap(\.pairs))
        #expect(Set(Crash.covering.flatMap(\.pairs)) == wanted)
        #expect(Crash.covering.count < Crash.possible.count / 3)
        #expect(Set(Crash.all.compactMap(\.impossibility)).count == 7, "each reason is that of some row")
    }

    @Test(
        "one answer, one audit row, and no note is written twice", arguments: played)
    func interrupted(_ crash: Crash) async throws {
        try await CrashFixture.open(crash) { fixture in
            if crash.attempt == .second { try await fixture.killAfterFirstTurn() }
            try await fixture.interrupt()
            if [.killed, .drained].contains(crash.kind) { try await fixture.restart() }
            try await fixture.checkThread()
            try await fixture.checkRecord()
        }
    }

    @Test(
        "what another version of Omni has begun is not begun again, and the thread is told",
        arguments: BotProcess.Backend.allCases)
    func unreadable(_ backend: BotProcess.Backend) async throws {
        let crash = Crash(point: .callMade, kind: .killed, attempt: .first, backend: backend, entry: .mention)
        try await CrashFixture.open(crash) { fixture in
            try await fixture.interrupt()
            _ = try await fixture.process.withStore { store in
                try await store.database.write { connection in
                    try connection.execute("UPDATE question_steps SET payload = '{}' WHERE kind = 'tool_started'", [])
                }
            }
            try await fixture.restart()
            let root = try #require(fixture.mention.value)
            let messages = await fixture.process.finalMessages("#ops", root)
            #expect(messages.count == 1)
            #expect(messages.first?.text.contains("Another version of Omni") == true)
            #expect(fixture.noteTools.notes == ["once"])
            let rows = try await fixture.process.withStore { try await $0.recent() }
            #expect(rows.map(\.status) == [.error] && rows.first?.errorCode == "interrupted")
        }
    }

    @Test(
        "a tool that /omni-tool called is not called again when its outcome is unknown, and no model is asked",
        arguments: BotProcess.Backend.allCases)
    func directCall(_ backend: BotProcess.Backend) async throws {
        let crash = Crash(point: .callMade, kind: .killed, attempt: .first, backend: backend, entry: .command)
        try await CrashFixture.open(crash, command: ["/omni-tool", "notes write_note text=once"]) { fixture in
            try await fixture.interrupt()
            try await fixture.restart()
            let emulator = fixture.process.emulator
            let parents = emulator.messages("#ops").filter { $0.botID != nil && $0.threadTS == nil }
            #expect(parents.count == 1)
            let messages = await fixture.process.finalMessages("#ops", try #require(parents.first).ts)
            #expect(messages.count == 1)
            let text = messages.first.map { emulator.messageText($0) } ?? ""
            #expect(text.contains("not known whether it took effect"), "\(text)")
            #expect(fixture.noteTools.notes == ["once"])
            try await fixture.process.withStore { store in
                let row = try #require(try await store.recent().first)
                #expect(row.requestType == "tool" && row.iterations == 0)
                let id = try #require(row.questionID.flatMap { ULID($0) })
                #expect(try await store.toolCalls(of: id).map(\.outcome) == [.unknown])
            }
        }
    }
}

/// A bot with a model and a tool that writes, and one question that is interrupted.
private struct CrashFixture: Sendable {
    let crash: Crash
    let process: BotProcess
    let noteTools: NoteTools
    let port: Int
    let cluster: PrivatePostgres.Cluster?
    let http: HTTPClient
    /// The slash command of ``Crash/Entry/command``, and its text.
    let command: [String]
    /// The ts of the message that asked, and the response over HTTP.
    let mention = LockedBox<String?>(nil)
    let response = LockedBox<(status: Int, body: String)?>(nil)

    /// The process may be stopped before it has read the envelope of the question.
    private static let redeliveries = Array(repeating: Duration.seconds(2), count: 10)
    /// How long PostgreSQL is unavailable: longer than the store's probes need to notice it.
    private static let outage = Duration.seconds(2)

    static func open(
        _ crash: Crash, command: [String] = ["/omni", "note this"],
        _ body: @escaping @Sendable (CrashFixture) async throws -> Void
    ) async throws {
        // Two processes cannot listen on one port, and only callers over HTTP must know it in advance.
        let port = crash.entry == .http ? try StablePort.choose() : 0
        let settings = """
            app: {port: "${SIDE_PORT}"}
            llm: {provider: anthropic, model: claude-sonnet-5-5}
            shutdown: {drain_seconds: 1}
            """
        let cluster = crash.kind == .storeAway ? try await PrivatePostgres.Cluster.make() : nil
        let database = try await cluster?.database()
        let http = HTTPClient(logger: Logger(label: "caller", factory: { _ in SwiftLogNoOpLogHandler() }))
        let result = await Result {
            try await ModelDouble.run { model in
                try await model.scriptByTurn(script(delay: crash.isSlow ? 3 : 0))
                try await NoteTools.run { noteTools, url in
                    let mcps = "mcps:\n  - {name: notes, protocol: http, url: \"\(url)\"}\n"
                    let environment = [
                        "ANTHROPIC_API_KEY": ModelDouble.key, "ANTHROPIC_BASE_URL": model.url,
                        "OMNI_ADMIN_TOKEN": SidePortClient.token, "OMNI_PROCESS": "one", "SIDE_PORT": "\(port)",
                    ]
                    try await BotProcess.open(
                        crash.backend, settings: settings, mcps: mcps, isStreaming: crash.entry == .stream,
                        environment: environment, database: database, redeliveries: redeliveries
                    ) { process in
                        let fixture = CrashFixture(
                            crash: crash, process: process, noteTools: noteTools, port: port, cluster: cluster,
                            http: http, command: command)
                        try await body(fixture)
                    }
                }
            }
        }
        await http.shutdown()
        try? await cluster?.stop(.immediate)
        try result.get()
    }

    /// Three model turns: one writes, one reads, one answers after `delay` seconds.
    private static func script(delay: Double) -> [JSONValue] {
        [
            ["calls": [["name": "notes__write_note", "input": ["text": "once"]]]],
            ["calls": [["name": "notes__read_notes", "input": [:]]]],
            ["text": "It is **noted**.", "delay": .double(delay)],
        ]
    }
}

extension CrashFixture {
    /// Runs the first attempt and kills it after its first model turn.
    fileprivate func killAfterFirstTurn() async throws {
        let killed = try await process.run(["OMNI_FAULT_POINT": Failpoint.turnEnded.rawValue]) { pid in
            try await asking { try await until("it is killed") { !isRunning(pid) } }
        }
        #expect(killed.status == SIGKILL)
    }

    /// Runs the attempt that this row interrupts.
    fileprivate func interrupt() async throws {
        var environment = ["OMNI_FAULT_POINT": crash.point.rawValue]
        if crash.kind != .killed { environment["OMNI_FAULT_SIGNAL"] = "STOP" }
        // A second attempt begins at the start, before the process has connected.
        let isFirst = crash.attempt == .first
        let outcome = try await process.run(environment, connections: isFirst ? nil : 0) { pid in
            guard isFirst else { return try await interrupt(pid) }
            try await asking { try await interrupt(pid) }
        }
        let status = crash.kind == .killed ? SIGKILL : 0
        #expect(outcome.status == status, "\(outcome.errors.suffix(2_000))")
    }

    private func interrupt(_ pid: Int32) async throws {
        guard crash.kind != .killed else { return try await until("it is killed") { !isRunning(pid) } }
        try await until("it stands at the point") { isStopped(pid) }
        switch crash.kind {
        case .killed: break
        case .drained:
            kill(pid, SIGTERM)
            kill(pid, SIGCONT)
        case .frozen:
            // The connections of the first process stay open.
            let open = await process.emulator.waitFor(within: .seconds(1)) { $0.connections.live } ?? 0
            let environment = ["OMNI_PROCESS": "other", "SIDE_PORT": "0"]
            let other = try await process.run(environment, connections: open + 1) { other in
                try await settled()
                kill(pid, SIGCONT)
                kill(pid, SIGTERM)
                try await until("the first has ended") { !isRunning(pid) }
                kill(other, SIGTERM)
            }
            #expect(other.status == 0, "\(other.errors.suffix(2_000))")
        case .storeAway:
            try await cluster?.stop(.immediate)
            kill(pid, SIGCONT)
            try await Task.sleep(for: Self.outage)
            try await cluster?.start()
            try await settled()
            kill(pid, SIGTERM)
        }
    }

    fileprivate func restart() async throws {
        let outcome = try await process.run { pid in
            try await settled()
            if crash.entry == .http { try await checkLookup() }
            kill(pid, SIGTERM)
        }
        #expect(outcome.status == 0, "\(outcome.errors.suffix(2_000))")
    }

    /// The caller that lost its connection finds the outcome by the question's id.
    private func checkLookup() async throws {
        let rows = try await process.withStore { try await $0.recent() }
        let id = try #require(rows.first?.questionID)
        try await untilReady()
        let response = try await http.send(
            HTTPClient.Request("GET", "\(base)/chat/questions/\(id)", headers: [Self.authorization]))
        let body = String(decoding: try await response.collect(upTo: 1 << 20), as: UTF8.self)
        #expect(
            response.status == 200 && body.contains(crash.isGivenUp ? "stopped more than once" : "noted"), "\(body)")
    }

    /// Asks, and runs `body` before the answer is awaited.
    private func asking(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            switch crash.entry {
            case .mention, .stream:
                mention.value = try process.emulator.say(as: "ana", in: "#ops", "@omni note this once")
            case .command:
                // A process interrupted before it acknowledges lets the command fail after three seconds.
                group.addTask {
                    _ = try? await process.emulator.command(as: "ana", in: "#ops", command[0], command[1])
                }
            case .http: group.addTask { response.value = try? await post() }
            }
            try await body()
            try await group.waitForAll()
        }
    }

    private func post() async throws -> (status: Int, body: String) {
        let body = #"{"user_id": "ana@acme.example", "message": "note this once", "conversation_id": "talk"}"#
        let headers = [Self.authorization, (name: "Content-Type", value: "application/json")]
        try await untilReady()
        let response = try await http.send(
            HTTPClient.Request("POST", "\(base)/chat/ask", headers: headers, body: Array(body.utf8)))
        return (response.status, String(decoding: try await response.collect(upTo: 1 << 20), as: UTF8.self))
    }

    private var base: String { "http://127.0.0.1:\(port)" }
    private static let authorization = (name: "Authorization", value: "Bearer \(SidePortClient.token)")

    private func untilReady() async throws {
        try await until("Omni is ready") {
            // The side port may open after the connections to Slack.
            let ready = try? await http.send(HTTPClient.Request("GET", "\(base)/health/ready"))
            _ = try? await ready?.collect(upTo: 1 << 10)
            return ready?.status == 200
        }
    }

    /// Returns when the question's outcome is in the store and all its messages are sent.
    private func settled() async throws {
        try await until("the question has ended") {
            try await process.withStore { store in
                let isOver = try await store.unfinished().isEmpty
                let rows = try await store.count()
                return isOver && rows > 0
            }
        }
    }

    private func until(_ what: String, _ condition: () async throws -> Bool) async throws {
        try await eventually("\(what) (\(crash))", within: .seconds(60), condition)
    }
}

extension CrashFixture {
    fileprivate func checkThread() async throws {
        let emulator = process.emulator
        let own = emulator.messages("#ops").filter { $0.botID != nil && $0.threadTS == nil }
        guard crash.entry != .http else {
            #expect(own.isEmpty)
            return
        }
        #expect(own.count == (crash.entry == .command ? 1 : 0))
        let root = try #require(mention.value ?? own.first?.ts, "the command has no parent message")
        let messages = await process.finalMessages("#ops", root)
        #expect(messages.count == 1, "\(emulator.threadText("#ops", root))")
        let text = messages.first.map { emulator.messageText($0) } ?? ""
        #expect(text.contains(crash.isGivenUp ? "stopped more than once" : "noted"), "\(text)")
        if let isDoubtful { #expect(text.contains("outcome is unknown") == isDoubtful, "\(text)") }
    }

    /// Whether the answer must state that the outcome of the call is unknown. Omni cannot know it between the stored
    /// start of a call and its stored result. nil: either is correct, as messages are sent concurrently with the
    /// making of the answer.
    private var isDoubtful: Bool? {
        guard crash.countsAttempt, !crash.isGivenUp else { return nil }
        switch crash.point {
        case .callStored, .callMade: return true
        case .postSent, .postRecorded: return nil
        default: return false
        }
    }

    fileprivate func checkRecord() async throws {
        try await process.withStore { store in
            let rows = try await store.recent()
            #expect(rows.count == 1)
            let row = try #require(rows.first)
            #expect(row.userEmail == "ana@acme.example")
            #expect(try await store.unfinished().isEmpty)
            let id = try #require(row.questionID.flatMap { ULID($0) })
            #expect(try await store.posts(of: id).allSatisfy { $0.state == .sent && $0.ts != nil })
            checkOutcome(row)
            if let response = response.value, response.status == 200 {
                #expect(row.status == .success && response.body.contains("noted"), "\(response)")
            }
            let calls = try await store.toolCalls(of: id)
            #expect(calls.count { $0.name.tool == "write_note" } <= 1)
            checkNotes(calls.first { $0.name.tool == "write_note" }?.outcome)
        }
    }

    private func checkOutcome(_ row: AuditRow) {
        #expect(row.status == (crash.isGivenUp ? .error : .success), "\(row)")
        if !crash.isGivenUp || crash.point == .answered {
            #expect(row.iterations == 3, "every turn that was paid is charged, in each attempt")
            // A provider may take the whole prompt from its cache.
            #expect(row.tokensInput + row.tokensCached + row.tokensCacheWrite > 0 && row.cost > .zero)
        }
    }

    /// The stored outcome of the call agrees with what the tool has written.
    private func checkNotes(_ outcome: ToolActivity.Outcome?) {
        switch outcome {
        case .succeeded: #expect(noteTools.notes == ["once"])
        case .unknown: #expect(noteTools.notes.count <= 1)
        default: #expect(noteTools.notes.isEmpty, "the record has \(outcome.map { "\($0)" } ?? "no call")")
        }
        if crash.countsAttempt, crash.attempt == .first {
            if crash.point == .callStored, crash.kind == .killed { #expect(noteTools.notes.isEmpty) }
            if crash.point == .callMade { #expect(noteTools.notes == ["once"]) }
        }
    }
}
