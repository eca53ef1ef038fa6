import TestKit
import Testing
import WebSockets

@Suite("Connecting", .timeLimit(.minutes(2)))
struct ConnectTests {
    @Test("a port without a listener is refused, and the message contains no query")
    func refused() async throws {
        let port = try RefusedPort()
        defer { port.release() }
        try await withLoop { loop in
            let error = await failure { _ = try await loop.open("ws://127.0.0.1:\(port.number)/link?ticket=secret") }
            #expect(error?.code == .refused)
            #expect(error?.message.contains("127.0.0.1:\(port.number)") == true)
            #expect(error?.message.contains("secret") == false)
        }
    }

    @Test("a name without address cannot be resolved")
    func unknownName() async throws {
        try await withLoop { loop in
            let error = await failure { _ = try await loop.open("ws://no-such-host.invalid/") }
            // The latter if the name server cannot be reached.
            #expect(error?.code == .cannotResolve || error?.code == .timeout)
        }
    }

    @Test("the addresses of a name are tried until one answers")
    func localhost() async throws {
        try await withLoop { loop in
            let server = try await loop.listen(ListenOptions())
            let socket = try await loop.open("ws://localhost:\(server.port)/")
            #expect(socket.closeStatus == nil)
        }
    }

    @Test(
        "a URL that is not a WebSocket URL is refused",
        arguments: ["http://127.0.0.1/", "ws://", "nonsense", "ws://user:pw@127.0.0.1/", "ws://127.0.0.1:0/"])
    func badURL(url: String) async throws {
        try await withLoop { loop in
            #expect(await failure { _ = try await loop.open(url) }?.code == .other)
        }
    }

    @Test("the server's name is verified although the address is numeric", .serialized, arguments: [true, false])
    func tls(isPythonServer: Bool) async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try await withPeer("certificates.py", [folder.path]) { files in
            let certificate = try #require(files.hello["certificate"]?.string)
            let key = try #require(files.hello["key"]?.string)
            try await withPeer("websocket_server.py", [certificate, key]) { python in
                try await withLoop(caFile: files.hello["ca"]?.string) { loop in
                    let server = try await loop.listen(ListenOptions(tls: (certificate, key)))
                    async let echoes: Void = echo(server)
                    let port = isPythonServer ? python.port : server.port
                    let socket = try await loop.open("wss://localhost:\(port)/echo")
                    for text in ["hello", String(repeating: "x", count: 1 << 20)] {
                        try await socket.send(text)
                        #expect(await socket.nextText() == text)
                    }
                    await socket.close()
                    #expect(socket.closeStatus?.code == 1000)
                    let error = await failure { _ = try await loop.open("wss://127.0.0.1:\(port)/echo") }
                    #expect(error?.code == .tls)
                    #expect(error?.message.contains("mismatch") == true)
                    await server.close()
                    await echoes
                }
            }
        }
    }

    @Test("an unknown authority and a server without TLS are TLS errors with their reason")
    func untrusted() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try await withPeer("certificates.py", [folder.path]) { files in
            let certificate = try #require(files.hello["certificate"]?.string)
            let key = try #require(files.hello["key"]?.string)
            try await withLoop(caFile: files.hello["other"]?.string) { loop in
                let server = try await loop.listen(ListenOptions(tls: (certificate, key)))
                let error = await failure { _ = try await loop.open("wss://localhost:\(server.port)/") }
                #expect(error?.code == .tls)
                #expect(error?.message.contains("unable to get local issuer certificate") == true)
                let plain = try await loop.listen(ListenOptions())
                let other = await failure {
                    _ = try await loop.open("wss://localhost:\(plain.port)/", timeout: .seconds(20))
                }
                #expect(other?.code == .tls)
            }
        }
        #expect(throws: WebSocketError.self) {
            try WebSocketEventLoop(logger: .init(label: "test"), caFile: "/no/such/file")
        }
    }

    @Test("a server without a valid certificate or port does not start")
    func badListener() async throws {
        try await withLoop { loop in
            let tls = (certificate: "/no/such/file", key: "/no/such/file")
            #expect(await failure { _ = try await loop.listen(ListenOptions(tls: tls)) }?.code == .tls)
            let server = try await loop.listen(ListenOptions())
            #expect(await failure { _ = try await loop.listen(ListenOptions(port: server.port)) }?.code == .other)
        }
    }
}
