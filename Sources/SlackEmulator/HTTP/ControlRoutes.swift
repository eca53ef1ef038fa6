import Bridge
import Foundation
import Hummingbird

/// The routes `/_control/…`: user actions, faults, traffic log and state, for the page and for programs in other
/// languages.
struct ControlRoutes: Sendable {
    let emulator: Emulator

    func add(to router: Router<BasicRequestContext>) {
        router.post("/_control/act") { request, _ in try await act(request) }
        router.post("/_control/faults") { request, _ in
            guard let fault = APIFault(try await json(request)) else { return refusal("no such fault") }
            emulator.inject(fault)
            return Response(["ok": true])
        }
        router.delete("/_control/faults") { _, _ in
            emulator.clearFaults()
            emulator.withholdHello(false)
            emulator.refuseUpgrades(status: 503, times: 0)
            return Response(["ok": true])
        }
        router.post("/_control/sockets") { request, _ in try await sockets(request) }
        router.get("/_control/journal") { request, _ in journal(request) }
        router.get("/_control/messages") { request, _ in messages(request) }
        router.get("/_control/state") { _, _ in Response(state()) }
    }

    private func state() -> JSONValue {
        let connections = emulator.gateway.connections
        let (messages, statuses) = emulator.workspace.read { ($0.messages.count, $0.visibleStatuses) }
        return [
            "connections": .int(Int64(connections.open)), "live": .int(Int64(connections.live)),
            "unused_urls": .int(Int64(emulator.gateway.unusedURLs)), "sockets": emulator.gateway.socketsJSON,
            "faults": .array(emulator.faults.waiting.map(\.json)), "messages": .int(Int64(messages)),
            "statuses": PageView.texts(statuses),
            "version": .int(Int64(emulator.workspace.version)),
        ]
    }

    /// `GET /_control/journal?after=<number>&kind=<kind>&limit=<count>`: the newest entries after that number, of that
    /// kind.
    private func journal(_ request: Request) -> Response {
        let after = request.uri.queryParameters["after"].flatMap { Int($0) } ?? 0
        let kind = request.uri.queryParameters["kind"].map(String.init)
        let entries = emulator.traffic.filter { $0.number > after && (kind == nil || $0.kind.rawValue == kind) }
        let limit = request.uri.queryParameters["limit"].flatMap { Int($0) } ?? entries.count
        return Response(["entries": .array(entries.suffix(max(0, limit)).map(\.json))])
    }

    /// `GET /_control/messages?after=<ts>`: all later messages in their current version, ephemeral ones included.
    private func messages(_ request: Request) -> Response {
        let after = request.uri.queryParameters["after"].map(String.init) ?? ""
        let messages = emulator.workspace.read { $0.messages }.filter { $0.ts > after }
        return Response(["messages": .array(messages.map(MessageJSON.plain))])
    }

    private func json(_ request: Request) async throws -> JSONValue {
        let body = try await request.body.collect(upTo: WorkspaceServer.bodyLimit)
        return (try? JSONValue(parsing: Array(buffer: body))) ?? .null
    }

    private func refusal(_ words: String) -> Response { Response(["ok": false, "error": .string(words)], status: 400) }

    /// `POST /_control/act` with `{as, do:
    /// say|command|press|press_home|shortcut|react|stop_stream|edit|delete|invite|open_home|submit_view|close_view,
    /// channel, …}`. `say` takes `files: [{name, text | base64}]`.
    private func act(_ request: Request) async throws -> Response {
        let order = try await json(request)
        guard let person = order["as"]?.string, let deed = order["do"]?.string else {
            return refusal("as and do are missing")
        }
        let place = order["channel"]?.string ?? ""
        let text = order["text"]?.string ?? ""
        let ts = order["ts"]?.string ?? ""
        do {
            switch deed {
            case "say":
                let files = (order["files"]?.array ?? []).compactMap(UserFile.init)
                let ts = try emulator.say(
                    as: person, in: place, text, thread: order["thread_ts"]?.string, files: files)
                return Response(["ok": true, "ts": .string(ts)])
            case "command":
                let name = order["command"]?.string ?? String(text.prefix { $0 != " " })
                let rest = order["command"] == nil ? String(text.dropFirst(name.count + 1)) : text
                return outcome(try await emulator.command(as: person, in: place, name, rest))
            case "press", "press_home": return outcome(try await press(order, as: person))
            case "shortcut":
                return outcome(
                    try await emulator.shortcut(as: person, in: place, ts, order["callback_id"]?.string ?? ""))
            case "react": try emulator.react(as: person, in: place, ts, order["reaction"]?.string ?? "eyes")
            case "stop_stream": try emulator.stopStream(as: person, in: place, ts)
            case "edit": try emulator.edit(as: person, in: place, ts, to: text)
            case "delete": try emulator.delete(as: person, in: place, ts)
            case "invite": try emulator.invite(as: person, to: place)
            case "open_home": try emulator.openHome(as: person, tab: order["tab"]?.string ?? "home")
            case "submit_view":
                let values = order["values"] ?? [:]
                let answer = try await emulator.submitView(as: person, order["view_id"]?.string ?? "", values: values)
                return Response([
                    "ok": .bool(answer.isTaken), "error": answer.error.map { .string($0) } ?? .null,
                    "errors": .object(
                        JSONObject(answer.problems.map { ($0, .string($1)) }, uniquingKeysWith: { $1 })),
                ])
            case "close_view": try await emulator.closeView(as: person, order["view_id"]?.string ?? "")
            default: return refusal("there is no act \(deed)")
            }
            return Response(["ok": true])
        } catch let error as UserActionError {
            return refusal(error.description)
        }
    }

    /// The button of a message, or of the Home.
    private func press(_ order: JSONValue, as person: String) async throws -> UserActionResult {
        let (action, value) = (order["action_id"]?.string ?? "", order["value"]?.string)
        if order["do"] == "press_home" { return try await emulator.pressHome(as: person, action: action, value: value) }
        return try await emulator.press(
            as: person, in: order["channel"]?.string ?? "", order["ts"]?.string ?? "", action: action, value: value)
    }

    private func outcome(_ outcome: UserActionResult) -> Response {
        Response([
            "ok": .bool(outcome.wasAcknowledged), "error": outcome.error.map { .string($0) } ?? .null,
        ])
    }

    /// `POST /_control/sockets` with `{do:
    /// drop|stall|warn|refresh|disable|close|bad_frames|withhold_hello|refuse_upgrades, which?: all|one, …}`.
    private func sockets(_ request: Request) async throws -> Response {
        let order = try await json(request)
        let selector: ConnectionSelector = order["which"] == "one" ? .one : .all
        let faults: [String: SocketFault] = [
            "drop": .drop, "stall": .stall, "warn": .warn, "refresh": .refresh, "disable": .disable,
            "close": .close(order["code"]?.int ?? 1000), "bad_frames": .badFrames,
        ]
        let deed = order["do"]?.string ?? ""
        if let fault = faults[deed] {
            return Response(["ok": true, "hit": .int(Int64(await emulator.inflict(fault, on: selector)))])
        }
        switch deed {
        case "withhold_hello": emulator.withholdHello(order["on"]?.bool ?? true)
        case "refuse_upgrades":
            emulator.refuseUpgrades(status: order["status"]?.int ?? 503, times: order["times"]?.int ?? 1)
        default: return refusal("there is no socket fault \(deed)")
        }
        return Response(["ok": true])
    }
}

extension UserFile {
    /// A file of `say`; nil without a name, or with base64 that is none.
    fileprivate init?(_ json: JSONValue) {
        guard let name = json["name"]?.string else { return nil }
        if let text = json["text"]?.string {
            self.init(name, text)
        } else if let bytes = json["base64"]?.string.flatMap({ Data(base64Encoded: $0) }) {
            self.init(name, Array(bytes))
        } else {
            return nil
        }
    }
}
