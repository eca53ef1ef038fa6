import Bridge
import Foundation
import TestKit
import Testing

@Suite("The HTTP client", .timeLimit(.minutes(2)))
struct HTTPClientTests {
    @Test("sends method, path, headers and body unchanged")
    func echo() async throws {
        try await withHTTPPeer { peer, client, _ in
            let request = HTTPClient.Request(
                "PUT", peer.url("/echo?a=b%20c"),
                headers: [("X-One", "1"), ("x-empty", ""), ("X-One", "2"), ("Content-Type", "text/x-test")],
                body: Array("grüße\u{0}end".utf8))
            let echo = try await JSONValue(parsing: client.send(request).collect(upTo: 10_000))
            #expect(echo["method"] == "PUT")
            #expect(echo["path"] == "/echo?a=b%20c")
            #expect(echo["body"] == "grüße\u{0}end")
            let headers = (echo["headers"]?.array ?? []).map { "\($0[0]?.string ?? "")=\($0[1]?.string ?? "")" }
            #expect(headers.filter { $0.hasPrefix("x-one") } == ["x-one=1", "x-one=2"])
            #expect(headers.contains("x-empty="))
            #expect(headers.contains("content-type=text/x-test"))
            #expect(headers.contains("user-agent=omni"))
            #expect(!headers.contains { $0.hasPrefix("expect") || $0.hasPrefix("accept-encoding") })
        }
    }

    @Test("sets no content type, and sends content-length without a body", arguments: ["POST", "PUT", "PATCH"])
    func emptyBody(method: String) async throws {
        try await withHTTPPeer { peer, client, _ in
            let response = try await client.send(HTTPClient.Request(method, peer.url("/echo")))
            let echo = try await JSONValue(parsing: response.collect(upTo: 10_000))
            let names = (echo["headers"]?.array ?? []).compactMap { $0[0]?.string }
            #expect(echo["method"]?.string == method)
            #expect(names.contains("content-length"))
            #expect(!names.contains("content-type"))
        }
    }

    @Test("sends other methods, with and without a body")
    func methods() async throws {
        try await withHTTPPeer { peer, client, _ in
            for (method, body) in [("DELETE", nil), ("OPTIONS", nil), ("GET", "query"), ("DELETE", "why")] {
                let request = HTTPClient.Request(method, peer.url("/echo"), body: body.map { Array($0.utf8) })
                let echo = try await JSONValue(parsing: client.send(request).collect(upTo: 10_000))
                #expect(echo["method"]?.string == method)
                #expect(echo["body"]?.string == body ?? "")
            }
            let head = try await client.send(HTTPClient.Request("HEAD", peer.url("/echo")))
            #expect(head.status == 200)
            #expect(try await head.collect(upTo: 0).isEmpty)
        }
    }

    @Test("returns any status with its headers, whose names ignore case")
    func status() async throws {
        try await withHTTPPeer { peer, client, _ in
            let response = try await client.send(HTTPClient.Request("GET", peer.url("/status?code=429")))
            #expect(response.status == 429)
            #expect(response.headers["retry-AFTER"] == "7")
            #expect(response.headers["x-absent"] == nil)
            #expect(try await response.collect(upTo: 100) == Array("{}".utf8))
        }
    }

    @Test("follows no redirect")
    func redirect() async throws {
        try await withHTTPPeer { peer, client, witness in
            let target = peer.url("/echo").replacing("127.0.0.1", with: "localhost")
            let request = HTTPClient.Request(
                "GET", peer.url("/redirect?to=\(target)"), headers: [("Authorization", "Bearer x")])
            let response = try await client.send(request)
            #expect(response.status == 302)
            #expect(response.headers["location"] == target)
            #expect(try await witness.counts(when: "requests:/redirect")["requests:/echo"] == nil)
        }
    }

    @Test("skips interim responses and trailers")
    func interim() async throws {
        try await withHTTPPeer { peer, client, _ in
            let response = try await client.send(HTTPClient.Request("GET", peer.url("/interim")))
            #expect(response.status == 200)
            #expect(response.headers["link"] == nil)
            #expect(response.headers.all("X-Double") == ["one"])
            let trailed = try await client.send(HTTPClient.Request("GET", peer.url("/trailers")))
            #expect(try await trailed.collect(upTo: 100) == Array("body".utf8))
            #expect(trailed.headers["x-trailer"] == nil)
        }
    }

    @Test("uses one connection for sequential requests")
    func reuse() async throws {
        try await withHTTPPeer { peer, client, _ in
            var connections: Set<Int> = []
            for _ in 0..<20 {
                connections.insert(try await client.json(peer.url("/echo"))["connection"]?.int ?? 0)
            }
            #expect(connections.count == 1)
        }
    }

    @Test("carries 200 requests at once over no more connections than allowed")
    func concurrency() async throws {
        try await withHTTPPeer(.init(proxy: "", maxConnectionsPerHost: 16)) { peer, client, _ in
            let echoes = try await withThrowingTaskGroup(of: JSONValue.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let request = HTTPClient.Request("POST", peer.url("/echo"), body: Array("\(number)".utf8))
                        return try await JSONValue(parsing: client.send(request).collect(upTo: 10_000))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(echoes.compactMap { $0["body"]?.string }) == Set((0..<200).map(String.init)))
            #expect(Set(echoes.compactMap { $0["connection"]?.int }).count <= 16)
        }
    }

    @Test("2,000 requests, some of them not read to their end, leave no connection open")
    func connections() async throws {
        try await withHTTPPeer(.init(proxy: "", maxConnectionsPerHost: 8)) { peer, client, witness in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<8 {
                    group.addTask {
                        for turn in 0..<250 {
                            let path = turn % 10 == worker ? "/big?size=4000000" : "/echo"
                            let response = try await client.send(HTTPClient.Request("GET", peer.url(path)))
                            if path == "/echo" { _ = try await response.collect(upTo: 10_000) }  // else released unread
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await eventually("only the client's eight connections and the witness's are open") {
                let counts = try await witness.counts(when: "requests:/echo")
                return (counts["connections"]?.int ?? 0) - (counts["closed"]?.int ?? 0) <= 8 + 1
            }
        }
    }
}
