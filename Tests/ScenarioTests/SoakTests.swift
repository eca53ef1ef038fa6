import Analytics
import Bridge
import Foundation
import Logging
import TestKit
import Testing
import WebSockets

/// Makes many requests, frames and queries with the three C libraries and measures memory and descriptors. Run by
/// `make soak`.
@Suite(
    "Memory and descriptors of the C libraries under many calls",
    .enabled(if: Soak.count > 0, "set OMNI_SOAK to a count"), .serialized, .timeLimit(.minutes(30)))
struct SoakTests {
    @Test("libcurl: requests leak no descriptor and no memory")
    func requests() async throws {
        let http = HTTPClient(logger: Logger(label: "soak"))
        let peer = try await PeerProcess.python("http_peer.py")
        try await Soak.measure("requests") {
            let response = try await http.send(HTTPClient.Request("GET", "http://127.0.0.1:\(peer.port)/echo"))
            _ = try await response.collect(upTo: 1 << 16)
        }
        await peer.stop()
        await http.shutdown()
    }

    @Test("libwebsockets: frames in both directions leak nothing")
    func frames() async throws {
        let loop = try WebSocketEventLoop(logger: Logger(label: "soak"))
        let server = try await loop.listen(ListenOptions { _ in .accept })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await accepted in server.connections {
                    for await message in accepted.socket.messages {
                        if case .text(let text) = message { try? await accepted.socket.send(text) }
                    }
                    return
                }
            }
            let socket = try await loop.connect(WebSocketRequest(url: "ws://127.0.0.1:\(server.port)/"))
            var echoes = socket.messages.makeAsyncIterator()
            try await Soak.measure("frames") {
                try await socket.send("a frame of the soak")
                _ = await echoes.next()
            }
            await socket.close()
            try await group.waitForAll()
        }
        await loop.shutdown()
    }

    @Test("libpq: queries leak nothing")
    func queries() async throws {
        let url = try await PrivatePostgres.database()
        let database = PostgresDatabase(try PostgresConfiguration(url: Secret(url)))
        try await Soak.measure("queries") {
            _ = try await database.read { try $0.query("SELECT $1 AS n", [.text("soak")]) }
        }
        await database.close()
    }
}

/// The number of calls of a soak test (`OMNI_SOAK`; 0 when unset), and its measurement.
enum Soak {
    static let count = ProcessInfo.processInfo.environment["OMNI_SOAK"].flatMap(Int.init) ?? 0

    /// Caches are filled after a tenth of the calls: from there on memory and descriptors may not grow.
    static func measure(_ what: String, _ call: () async throws -> Void) async throws {
        for _ in 0..<(count / 10) { try await call() }
        let before = (memory: residentKilobytes(), descriptors: descriptors())
        for _ in 0..<count { try await call() }
        let after = (memory: residentKilobytes(), descriptors: descriptors())
        let line =
            "\(count) \(what): RSS \(before.memory) → \(after.memory) kB, "
            + "descriptors \(before.descriptors) → \(after.descriptors)\n"
        try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
        #expect(after.descriptors <= before.descriptors + 2)
        #expect(after.memory <= before.memory + 8_192)
    }

    private static func residentKilobytes() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
    }

    private static func descriptors() -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
    }
}
