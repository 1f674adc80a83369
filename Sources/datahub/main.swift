print("datahub")
