import Bridge
import SlackEmulator
import Testing
import WebSockets

extension BrowserTests {
    @Suite("Connections in the traffic log of the workspace page")
    struct PageTrafficTests {
        @Test("a normal close and a refresh are no problems; a lost connection and a disabled link are")
        func closedConnections() async throws {
            var options = EmulatorOptions.patient
            options.timeouts.closeAfterNotice = .milliseconds(50)
            try await withPage(options) { browser, emulator, app, sockets in
                try await browser.open(emulator.pageURL + "?as=ana")
                try await browser.click("#inspect")
                func seesClosed(_ count: Int) async throws -> Bool {
                    let names = "[...document.querySelectorAll('#inspector .line.socket .name')]"
                    return try await browser.sees(
                        "\(names).filter((e) => e.innerText === 'socket closed').length === \(count)")
                }
                let bad = "document.querySelectorAll('#inspector .line.bad').length"
                // A socket that nothing holds is aborted.
                var open = [try await app.connect(sockets)]
                await open[0].socket.close(code: 1000)
                #expect(try await seesClosed(1))
                open.append(try await app.connect(sockets))
                #expect(await emulator.inflict(.refresh) == 1)
                #expect(try await seesClosed(2))
                #expect(try await browser.value(bad) == 0)
                open.append(try await app.connect(sockets))
                #expect(await emulator.inflict(.drop) == 1)
                #expect(try await seesClosed(3))
                #expect(try await browser.sees("\(bad) === 1"))
                open.append(try await app.connect(sockets))
                #expect(await emulator.inflict(.disable) == 1)
                #expect(try await browser.sees("link_disabled", in: "#inspector .line.bad .about"))
                #expect(open.count == 4)
            }
        }
    }
}
