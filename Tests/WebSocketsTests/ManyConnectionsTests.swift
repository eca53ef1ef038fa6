import TestKit
import Testing
import WebSockets

@Suite("Many connections on one event loop", .timeLimit(.minutes(3)))
struct ManyConnectionsTests {
    @Test("a hundred at once, each with its own answers")
    func hundred() async throws {
        try await withLoop { loop in
            let server = try await loop.listen(ListenOptions())
            async let echoes: Void = echo(server)
            let url = "ws://127.0.0.1:\(server.port)/"
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let socket = try await loop.open(url)
                        for round in 0..<20 {
                            try await socket.send("\(number) \(round)")
                            #expect(await socket.nextText() == "\(number) \(round)")
                        }
                        await socket.close()
                        #expect(socket.closeStatus?.code == 1000)
                    }
                }
                try await group.waitForAll()
            }
            await server.close()
            await echoes
        }
    }

    @Test("a thousand connections leak no descriptor")
    func thousand() async throws {
        try await withLoop { loop in
            let server = try await loop.listen(ListenOptions())
            async let echoes: Void = echo(server)
            let url = "ws://127.0.0.1:\(server.port)/"
            for _ in 0..<50 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<20 {
                        group.addTask {
                            let socket = try await loop.open(url)
                            if number % 2 == 0 { await socket.close() } else { socket.abort() }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            try await eventually("only the listening socket is open") { try openSockets(on: server.port) == 1 }
            await server.close()
            await echoes
            #expect(try openSockets(on: server.port) == 0)
        }
    }

    @Test("event loops leak nothing")
    func loops() async throws {
        for _ in 0..<20 {
            try await withLoop { loop in
                let server = try await loop.listen(ListenOptions())
                _ = try await loop.open("ws://127.0.0.1:\(server.port)/")
            }
        }
    }
}
