import Foundation
import Testing

@testable import SlackBot

@Suite("The pages of the start")
struct StartPagesTests {
    @Test("only unchanged private mappings of files that nobody may write to are given back")
    func choice() {
        let mappings = """
            1000-3000 r-xp 00001000 fe:00 12    /usr/bin/omni
            Rss:                   8 kB
            Anonymous:             0 kB
            3000-4000 r--p 00003000 fe:00 12    /usr/bin/omni
            Anonymous:             4 kB
            4000-5000 rw-p 00004000 fe:00 12    /usr/bin/omni
            Anonymous:             0 kB
            5000-6000 r--s 00000000 fe:00 13    /tmp/shared
            Anonymous:             0 kB
            6000-7000 r-xp 00000000 00:00 0     [vdso]
            Anonymous:             0 kB
            7000-8000 r--p 00000000 fe:00 14    /usr/lib/with a space.so
            Anonymous:             0 kB
            VmFlags: rd mr mw me sd
            nonsense
            9000-8000 r-xp 0 fe:00 15 /backwards
            Anonymous:             0 kB
            """
        #expect(StartPages.untouched(in: mappings) == [0x1000..<0x3000, 0x7000..<0x8000])
        #expect(StartPages.untouched(in: "").isEmpty)
    }

    @Test("of this very process it finds the program's text and its libraries', and nothing that can be written to")
    func thisProcess() throws {
        let ranges = StartPages.untouched(in: StartPages.mappings())
        var local = 0
        let stack = withUnsafePointer(to: &local) { UInt(bitPattern: $0) }
        let function: @convention(c) () -> Void = {}
        let library = try #require(dlsym(nil, "getpid"))
        #expect(ranges.contains { $0.contains(unsafeBitCast(function, to: UInt.self)) })
        #expect(ranges.contains { $0.contains(UInt(bitPattern: library)) })
        #expect(!ranges.contains { $0.contains(stack) })
    }
}
