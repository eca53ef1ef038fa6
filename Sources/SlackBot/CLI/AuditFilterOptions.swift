import Analytics
import ArgumentParser
import Foundation

/// A moment as an option.
struct SinceArgument: ExpressibleByArgument, Sendable {
    let date: Date

    init?(argument: String) {
        guard let date = Since.date(argument) else { return nil }
        self.date = date
    }
}

extension AuditRow.Status: ExpressibleByArgument {}
extension AuditExport.Format: ExpressibleByArgument {}
