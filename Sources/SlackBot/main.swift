import Analytics
import ArgumentParser
import DemoOps
import SlackEmulator
import Yams
print("omni")
